// What this app uses of vue-i18n, in a fortieth of its size: the phone's build puts it in that library's place. Messages
// are plain texts with {named} places; the types stay those of the library.
import { inject, ref, type App, type InjectionKey, type Ref } from 'vue'

interface Tree {
  [name: string]: string | Tree
}

interface Speaking {
  locale: Ref<string>
  t: (path: string, named?: Record<string, unknown>) => string
}

const KEY: InjectionKey<Speaking> = Symbol('words')

function found(tree: Tree | undefined, path: string): string | null {
  let at: string | Tree | undefined = tree
  for (const name of path.split('.')) at = typeof at === 'object' ? at[name] : undefined
  return typeof at === 'string' ? at : null
}

/** As the library's: the words of all screens, and the language they are told in. */
export function createI18n(told: { locale: string; fallbackLocale: string; messages: Record<string, Tree> }) {
  const locale = ref(told.locale)
  const t = (path: string, named: Record<string, unknown> = {}): string => {
    const text = found(told.messages[locale.value], path) ?? found(told.messages[told.fallbackLocale], path) ?? path
    return text.replace(/\{(\w+)\}/g, (_, name: string) => String(named[name] ?? ''))
  }
  const speaking: Speaking = { locale, t }
  return { global: speaking, install: (app: App) => void app.provide(KEY, speaking) }
}

export function useI18n(): Speaking {
  const speaking = inject(KEY)
  if (!speaking) throw new Error('the app was not given its words')
  return speaking
}
