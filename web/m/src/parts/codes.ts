// Code lists come with the feed, so that their words are there without a line.
import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Code, CodeListName } from '../model'
import { codes } from '../roster'
import { useLocal } from './local'

/** The word of a code in the language of the screen. */
export function useLabel(): (code: Code) => string {
  const { locale } = useI18n()
  return (code) => (locale.value === 'en' ? code.en : code.zh)
}

/** The lists by name, and the word of one code in one of them; the code itself where the list has not come yet. */
export function useCodes(...names: CodeListName[]): { lists: ComputedRef<Record<string, Code[]>>; word: (list: CodeListName, code: string | null | undefined) => string } {
  const label = useLabel()
  const { answer } = useLocal(async () => Object.fromEntries(await Promise.all(names.map(async (name) => [name, await codes(name)] as const))), {} as Record<string, Code[]>, ['pulled'])
  return {
    lists: computed(() => answer.value),
    word: (list, code) => {
      if (!code) return ''
      const found = answer.value[list]?.find((one) => one.code === code)
      return found ? label(found) : code
    },
  }
}
