// What was proved stays some weeks, for the server may ask for it again; then it is let go, originals last.
import { db, PhoneFull, transaction } from './db'
import type { OutboxRow, PhotoRow } from './model'
import { tell } from './news'

/** By the server's clock. */
const KEPT_DAYS = 30
const DAY_MS = 86_400_000

const isUnsent = (row: OutboxRow): boolean => row.state === 'waiting' || row.state === 'held'

/** Forget what was proved more than 30 days before this moment of the server's clock. */
export async function letGo(serverTime: string): Promise<void> {
  const before = Date.parse(serverTime) - KEPT_DAYS * DAY_MS
  const rows = await (await db()).getAll('outbox')
  const open = new Set(rows.filter(isUnsent).flatMap((row) => [row.id, row.record_id]))
  const isOld = (row: OutboxRow) => row.provedAt !== null && Date.parse(row.provedAt) < before
  const gone = rows.filter((row) => !isUnsent(row) && isOld(row) && !open.has(row.id) && !open.has(row.record_id))
  if (!gone.length) return
  await transaction(['outbox', 'photos', 'bytes'], async (stores) => {
    for (const row of gone) {
      await stores.objectStore('outbox').delete(row.seq)
      if (row.type !== 'photo') continue
      await Promise.all([stores.objectStore('photos').delete(row.id), stores.objectStore('bytes').delete(row.id)])
    }
  })
  tell('outbox')
}

/**
 * Let go of pictures before their time, oldest first, where the phone has no room for new ones: only those that have their
 * receipt and whose record has its own. How many bytes that gave.
 */
export async function makeRoom(wanted: number): Promise<number> {
  const open = await db()
  const [rows, photos] = await Promise.all([open.getAll('outbox'), open.getAll('photos')])
  const unsent = new Set(rows.filter(isUnsent).flatMap((row) => [row.id, row.record_id, ...row.photo_ids]))
  const proved = new Set(rows.filter((row) => row.state === 'sent').flatMap((row) => (row.type === 'photo' ? [row.id] : [row.id, row.record_id])))
  const free = (one: PhotoRow) =>
    one.hasBytes && one.state === 'sent' && proved.has(one.id) && proved.has(one.record_id) && !unsent.has(one.id) && !unsent.has(one.record_id)
  let given = 0
  for (const photo of photos.filter(free).sort((a, b) => (a.taken_at < b.taken_at ? -1 : 1))) {
    if (given >= wanted) break
    await transaction(['photos', 'bytes'], async (stores) => {
      await stores.objectStore('photos').put({ ...photo, hasBytes: false })
      await stores.objectStore('bytes').delete(photo.id)
    })
    given += photo.size
  }
  return given
}

/** Do what needs room; where there is none, make some and try once more. */
export async function withRoom<T>(bytes: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof PhoneFull) || (await makeRoom(bytes * 2)) === 0) throw cause
    return work()
  }
}
