// What people call the fields of a record, so that nobody has to read a pointer.
import { useI18n } from 'vue-i18n'
import { partsOf } from './keptFields'

/** The name of the field at a pointer, with those it lies in; the field's own word where it has no name. */
export function useFieldName(): (pointer: string) => string {
  const { t, te } = useI18n()
  const name = (part: string): string => {
    if (/^\d+$/.test(part)) return String(Number(part) + 1)
    return te(`kept.fields.${part}`) ? t(`kept.fields.${part}`) : part
  }
  return (pointer) => partsOf(pointer).map(name).join(' · ') || t('kept.wholeBody')
}
