// The lists of codes with their words, read once; a code that is not in its list is shown as it is.
import { shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, told } from '../../shared/api'

export interface Code {
  code: string
  zh: string
  en: string
}

const lists = shallowRef<Record<string, Code[]>>({})
let asked: Promise<void> | null = null

function read(): Promise<void> {
  asked ??= told(api.GET('/api/v1/codes', {}))
    .then((answer) => {
      lists.value = answer as unknown as Record<string, Code[]>
    })
    .catch(() => {
      asked = null // The page shows codes; the next page asks again.
    })
  return asked
}

export function useCodes() {
  void read()
  const { locale } = useI18n()
  const words = (one: Code): string => (locale.value === 'en' ? one.en : one.zh)
  return {
    /** The word for a code of a list; nothing for nothing. */
    label(list: string, code: string | null | undefined): string {
      if (!code) return ''
      const found = lists.value[list]?.find((one) => one.code === code)
      return found ? words(found) : code
    },
    /** A list as choices. */
    options(list: string): { value: string; label: string }[] {
      return (lists.value[list] ?? []).map((one) => ({ value: one.code, label: words(one) }))
    },
  }
}
