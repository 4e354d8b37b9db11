// A form that is open is on the disk: phones kill the page while the camera is open.
import { db, transaction } from './db'
import type { Draft } from './model'
import { tell } from './news'

const PAUSE_MS = 150

/** Reactive proxies cannot be put into the database; a draft is plain JSON anyway. */
function plain<T extends Draft>(draft: T): T {
  return { ...(JSON.parse(JSON.stringify(draft)) as T), changedAt: new Date().toISOString() }
}

/** On the disk when it returns; throws `PhoneFull` when there is no room. */
export async function saveDraft(draft: Draft): Promise<void> {
  const kept = plain(draft)
  await transaction(['drafts'], (rows) => rows.objectStore('drafts').put(kept))
  tell('drafts')
}

/** The form as it was; a photo that was taken in the moment in which the phone died belongs to it, too. */
export async function loadDraft(id: string): Promise<Draft | null> {
  const read = (await db()).transaction(['drafts', 'photos'])
  const [draft, taken] = await Promise.all([read.objectStore('drafts').get(id), read.objectStore('photos').index('record').getAll(id)])
  if (!draft) return null
  const missed = taken.filter((photo) => photo.state === 'draft' && !draft.photo_ids.includes(photo.id)).map((photo) => photo.id)
  return { ...draft, photo_ids: [...draft.photo_ids, ...missed.sort()] }
}

/** The person's open forms, the latest change first. */
export async function openDrafts(authorId: string): Promise<Draft[]> {
  const all = await (await db()).getAll('drafts')
  return all.filter((one) => one.author_id === authorId).sort((a, b) => (a.changedAt < b.changedAt ? 1 : -1))
}

/** Give a form up, with the photos that were taken for it alone. */
export async function dropDraft(id: string): Promise<void> {
  await transaction(['drafts', 'photos', 'bytes'], async (rows) => {
    const taken = await rows.objectStore('photos').index('record').getAll(id)
    const loose = taken.filter((photo) => photo.state === 'draft')
    await Promise.all(
      loose.flatMap((photo) => [rows.objectStore('photos').delete(photo.id), rows.objectStore('bytes').delete(photo.id)]),
    )
    await rows.objectStore('drafts').delete(id)
  })
  tell('drafts')
}

/** Writes one open form at every change. */
export interface DraftKeeper {
  /** Something was typed: it is written at once, and while more is typed every 150 ms. */
  changed(): void
  /** On the disk when it returns; awaited before the camera or a file input opens. */
  flush(): Promise<void>
  /** Stop keeping, before the form is handed in or given up: when it returns nothing is written any more. */
  close(): Promise<void>
}

const open = new Set<DraftKeeper>()
let isListening = false

function listen(): void {
  if (isListening || typeof document === 'undefined') return
  isListening = true
  const flushAll = () => open.forEach((keeper) => void keeper.flush().catch(() => undefined))
  // The last moments in which a phone lets a page write.
  document.addEventListener('visibilitychange', flushAll)
  self.addEventListener('pagehide', flushAll)
}

/**
 * Keep a form while it is open. `read` gives the form as it stands; `failed` hears when the phone has no room.
 */
export function keepDraft(read: () => Draft, failed: (cause: unknown) => void = () => undefined): DraftKeeper {
  let timer: ReturnType<typeof setTimeout> | null = null
  let writing: Promise<void> = Promise.resolve()
  let isOpen = true
  let begun = -PAUSE_MS
  const write = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (!isOpen) return writing
    begun = performance.now()
    const now = plain(read())
    // One after the other: an older state must never land on a newer one.
    writing = writing.catch(() => undefined).then(() => saveDraft(now))
    return writing
  }
  const keeper: DraftKeeper = {
    changed() {
      if (!isOpen || timer !== null) return
      timer = setTimeout(() => void write().catch(failed), Math.max(0, begun + PAUSE_MS - performance.now()))
    },
    flush: write,
    close() {
      isOpen = false
      if (timer !== null) clearTimeout(timer)
      open.delete(keeper)
      return writing.catch(() => undefined)
    },
  }
  listen()
  open.add(keeper)
  return keeper
}
