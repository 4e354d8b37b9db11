// A list that is read page by page, by key; asking again from the start drops what was shown.
import { ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'

export interface Paged<T> {
  rows: ShallowRef<T[]>
  more: Ref<boolean>
  loading: Ref<boolean>
  problem: ShallowRef<unknown>
  next: () => Promise<void>
  again: () => Promise<void>
}

interface Page<T> {
  items: T[]
  next_cursor?: string | null
}

/** Reads the first page now and whenever `sources` change; an overtaken answer is dropped. */
export function usePaged<T>(ask: (cursor: string | undefined) => Promise<Page<T>>, sources: () => unknown = () => null): Paged<T> {
  const rows = shallowRef<T[]>([])
  const more = ref(false)
  const loading = ref(false)
  const problem = shallowRef<unknown>(null)
  let cursor: string | undefined
  let turn = 0

  async function read(mine: number, shown: T[]): Promise<void> {
    loading.value = true
    try {
      const page = await ask(cursor)
      if (mine !== turn) return
      rows.value = [...shown, ...page.items]
      cursor = page.next_cursor ?? undefined
      more.value = cursor !== undefined
      problem.value = null
    } catch (refused) {
      if (mine === turn) problem.value = refused
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  async function again(): Promise<void> {
    cursor = undefined
    await read(++turn, [])
  }

  watch(sources, () => void again(), { immediate: true, deep: true })
  return {
    rows,
    more,
    loading,
    problem,
    again,
    next: () => (more.value && !loading.value ? read(turn, rows.value) : Promise.resolve()),
  }
}
