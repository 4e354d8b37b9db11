// An open form: read from the phone, written back at every change, closed when it is handed in or given up.
import { onBeforeUnmount, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { useRouter } from 'vue-router'
import { dropDraft, keepDraft, loadDraft, saveDraft, type DraftKeeper } from '../drafts'
import { PhoneFull } from '../db'
import type { Draft } from '../model'

export interface Form<T extends Draft> {
  draft: Ref<T | null>
  /** The draft is not on this phone. */
  gone: Ref<boolean>
  saving: Ref<boolean>
  problem: ShallowRef<unknown>
  /** The phone has no room: the form stays open. */
  full: Ref<boolean>
  flush: () => Promise<void>
  /** Keeps the record by `keep` and goes on; the form stays open when the phone has no room. */
  handIn: (keep: (draft: T) => Promise<unknown>, onward: string) => Promise<boolean>
  giveUp: (onward: string) => Promise<void>
  /** It has done its work elsewhere: nothing of it is written any more. */
  forget: () => void
}

/** The form of this draft; `id` may come later, when the screen has made one. */
export function useForm<T extends Draft>(id: () => string | null): Form<T> {
  const router = useRouter()
  const draft = ref(null) as Ref<T | null>
  const gone = ref(false)
  const saving = ref(false)
  const problem = shallowRef<unknown>(null)
  const full = ref(false)
  let keeper: DraftKeeper | null = null

  function failed(cause: unknown): void {
    if (cause instanceof PhoneFull) full.value = true
    else problem.value = cause
  }

  watch(id, async (wanted) => {
    keeper?.close()
    draft.value = wanted ? ((await loadDraft(wanted)) as T | null) : null
    gone.value = Boolean(wanted) && draft.value === null
    if (draft.value) keeper = keepDraft(() => draft.value as Draft, failed)
  }, { immediate: true })

  watch(draft, (_now, before) => before && keeper?.changed(), { deep: true })

  async function handIn(keep: (draft: T) => Promise<unknown>, onward: string): Promise<boolean> {
    if (!draft.value || saving.value) return false
    saving.value = true
    full.value = false
    problem.value = null
    try {
      await keeper?.flush()
      keeper?.close()
      await keep(JSON.parse(JSON.stringify(draft.value)) as T)
      await router.replace(onward)
      return true
    } catch (cause) {
      failed(cause)
      keeper = keepDraft(() => draft.value as Draft, failed)
      return false
    } finally {
      saving.value = false
    }
  }

  async function giveUp(onward: string): Promise<void> {
    keeper?.close()
    if (draft.value) await dropDraft(draft.value.id)
    await router.replace(onward)
  }

  function forget(): void {
    void keeper?.close()
    keeper = null
    draft.value = null
  }

  onBeforeUnmount(() => {
    const held = draft.value
    if (held && !isTouched(held)) {
      keeper?.close()
      void dropDraft(held.id)
      return
    }
    void keeper?.flush().catch(() => undefined)
    keeper?.close()
  })

  return { draft, gone, saving, problem, full, flush: async () => keeper?.flush(), handIn, giveUp, forget }
}

/** Where a form is gone on with. */
export function pathOf(draft: Draft): string {
  return draft.type === 'answer' ? `/issues/${draft.issue_id}` : `/${draft.type}/${draft.id}`
}

/** What an unfinished form is called; empty where nothing is known yet. */
export function titleOf(draft: Draft): string {
  if (draft.type === 'visit') return draft.enterprise_name || draft.free.name
  if (draft.type === 'answer') return draft.title
  return draft.site_name || (draft.type === 'issue' ? draft.enterprise_name : '')
}

/** A new form is on the disk before it is shown, so that nothing typed into it can be lost. */
export async function openForm(draft: Draft): Promise<string> {
  await saveDraft(draft)
  return draft.id
}

/** Whether a person has put anything into it; an untouched one is not offered as unfinished. */
export function isTouched(draft: Draft): boolean {
  if (draft.isEdit || draft.photo_ids.length > 0) return true
  if (draft.type === 'issue') return draft.text.trim() !== '' || Boolean(draft.call?.length)
  if (draft.type === 'answer') return draft.text.trim() !== '' || draft.tried !== null
  if (draft.type === 'checkin') return draft.note.trim() !== '' || Boolean(draft.category) || draft.percent !== null || draft.progress_text.trim() !== ''
  return draft.enterprise_id !== null || draft.free.name.trim() !== '' || draft.summary.trim() !== ''
}
