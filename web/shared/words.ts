// Both languages of a screen stand side by side, so that neither is forgotten; the type makes them the same shape.
import { createI18n } from 'vue-i18n'
import { speak } from './session'

export type Language = 'zh-CN' | 'en'
type Shape<T> = { [K in keyof T]: T[K] extends string ? string : Shape<T[K]> }

/** A screen's words in Chinese and English. */
export function both<T>(zh: T, en: Shape<T>): { zh: T; en: Shape<T> } {
  return { zh, en }
}

const KEPT = 'qianbai.language'

function chosen(): Language {
  try {
    return localStorage.getItem(KEPT) === 'en' ? 'en' : 'zh-CN'
  } catch {
    return 'zh-CN'
  }
}

/** The app's words, in the language the person chose before; Simplified Chinese at first. */
export function makeWords(screens: Record<string, { zh: object; en: object }>) {
  const zh = Object.fromEntries(Object.entries(screens).map(([name, words]) => [name, words.zh]))
  const en = Object.fromEntries(Object.entries(screens).map(([name, words]) => [name, words.en]))
  const language = chosen()
  const i18n = createI18n({
    legacy: false,
    locale: language,
    fallbackLocale: 'zh-CN',
    messages: { 'zh-CN': zh, en } as Record<Language, Record<string, never>>,
  })
  use(language)
  return i18n
}

function use(language: Language): void {
  document.documentElement.lang = language
  speak(language)
}

/** Remember the person's choice and ask the doors in that language from now on. */
export function keepLanguage(language: Language): void {
  use(language)
  try {
    localStorage.setItem(KEPT, language)
  } catch {
    // A browser that keeps nothing still speaks it until it is closed.
  }
}
