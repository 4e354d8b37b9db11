// A page asks a door, shows that it waits, shows a refusal as one, and can ask again.
import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'

export interface Asking<T> {
  answer: ShallowRef<T | null>
  problem: ShallowRef<unknown>
  loading: Ref<boolean>
  askedAt: Ref<Date | null>
  again: () => Promise<void>
}

/**
 * Asks now and whenever what `ask` reads changes; an answer that was overtaken by a later question is dropped, and what
 * was on the screen stays there until the new answer comes.
 */
export function useAsking<T>(ask: () => Promise<T>, sources: () => unknown = () => null, every_s = 0): Asking<T> {
  const answer = shallowRef<T | null>(null)
  const problem = shallowRef<unknown>(null)
  const loading = ref(false)
  const askedAt = ref<Date | null>(null)
  let turn = 0

  async function again(): Promise<void> {
    const mine = ++turn
    loading.value = true
    try {
      const got = await ask()
      if (mine !== turn) return
      answer.value = got
      askedAt.value = new Date()
      problem.value = null
    } catch (refused) {
      if (mine === turn) problem.value = refused
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  watch(sources, () => void again(), { immediate: true, deep: true })
  if (every_s > 0) {
    const timer = setInterval(() => void again(), every_s * 1000)
    onScopeDispose(() => clearInterval(timer))
  }
  return { answer, problem, loading, askedAt, again }
}

/** A filter that lives in the address: `?unit=…`; empty means not filtered. */
export function useFilter(name: string): { get: () => string | undefined; set: (value: string | null | undefined) => void } {
  const route = useRoute()
  const router = useRouter()
  return {
    get: () => (typeof route.query[name] === 'string' && route.query[name] ? (route.query[name] as string) : undefined),
    set: (value) => void router.replace({ query: { ...route.query, [name]: value || undefined } }),
  }
}
