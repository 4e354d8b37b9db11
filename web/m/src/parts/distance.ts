// Metres for people: 86 m, 2.4 km.
import { useI18n } from 'vue-i18n'

export function useDistance(): (metres: number) => string {
  const { t } = useI18n()
  return (metres) => {
    if (metres < 1000) return t('position.metres', { n: Math.round(metres) })
    return t('position.kilometres', { n: metres < 10_000 ? (metres / 1000).toFixed(1) : Math.round(metres / 1000) })
  }
}
