// A screen asks the phone's own store, and asks again whenever the app, another tab or the worker has changed it.
import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { onNews, type News } from '../news'

export interface Local<T> {
  answer: ShallowRef<T>
  /** The first answer is there. */
  ready: Ref<boolean>
  problem: ShallowRef<unknown>
  again: () => Promise<void>
}

/** What `ask` answers, kept fresh; an answer overtaken by a later question is dropped. */
export function useLocal<T>(ask: () => Promise<T>, first: T, when: News[] = [], sources: () => unknown = () => null): Local<T> {
  const answer = shallowRef<T>(first)
  const ready = ref(false)
  const problem = shallowRef<unknown>(null)
  let turn = 0

  async function again(): Promise<void> {
    const mine = ++turn
    try {
      const got = await ask()
      if (mine !== turn) return
      answer.value = got
      problem.value = null
    } catch (refused) {
      if (mine === turn) problem.value = refused
    }
    if (mine === turn) ready.value = true
  }

  onScopeDispose(onNews((of) => when.includes(of) && void again()))
  watch(sources, () => void again(), { immediate: true })
  return { answer, ready, problem, again }
}

/** Whether the browser thinks there is a line. */
export function useOnline(): Ref<boolean> {
  const online = ref(navigator.onLine)
  const look = (): void => {
    online.value = navigator.onLine
  }
  addEventListener('online', look)
  addEventListener('offline', look)
  onScopeDispose(() => {
    removeEventListener('online', look)
    removeEventListener('offline', look)
  })
  return online
}

/** The instant, moving once a minute. */
export function useNow(): Ref<Date> {
  const now = ref(new Date())
  const timer = setInterval(() => (now.value = new Date()), 60_000)
  onScopeDispose(() => clearInterval(timer))
  return now
}
