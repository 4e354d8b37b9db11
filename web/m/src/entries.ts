// The outbox as a person sees it: each item's true state, and how it stands as a whole.
import { lastServerTime } from './clock'
import { db, fact } from './db'
import type { OutboxEntry, OutboxRow, OutboxStatus, PhotoProgress, PhotoRow } from './model'
import { goesNow, waitsMs } from './outbox'
import { isSending, restsFor } from './sync'

const LATE_MS = 24 * 3_600_000

/** Everything of this person that is still on the phone, what needs them first, then what waits, then what was sent. */
export async function entriesOf(authorId: string): Promise<OutboxEntry[]> {
  const read = (await db()).transaction(['outbox', 'photos'])
  const [rows, photos] = await Promise.all([read.objectStore('outbox').getAll(), read.objectStore('photos').getAll()])
  const mine = rows.filter((row) => row.author_id === authorId)
  const shots = new Map(photos.map((photo) => [photo.id, photo]))
  const photoRows = new Map(mine.filter((row) => row.type === 'photo').map((row) => [row.id, row]))
  const answered = answeredIn(mine)
  return mine
    .filter((row) => row.type !== 'photo' && !answered(row))
    .map((row) => entry(row, row.photo_ids.flatMap((id) => progress(id, shots.get(id), photoRows.get(id)))))
    .sort((a, b) => ORDER[a.row.state] - ORDER[b.row.state] || b.row.seq - a.row.seq)
}

/** Whether a later edit already answers what was held: then nobody needs to look at it any more. */
function answeredIn(rows: OutboxRow[]): (row: OutboxRow) => boolean {
  const newest = new Map<string, number>()
  for (const row of rows) {
    if (row.state === 'waiting') newest.set(row.id, Math.max(row.seq, newest.get(row.id) ?? 0))
  }
  return (row) => row.state === 'held' && (newest.get(row.id) ?? 0) > row.seq
}

const ORDER = { held: 0, waiting: 1, sent: 2, replaced: 3, settled: 3 }

function entry(row: OutboxRow, photos: PhotoProgress[]): OutboxEntry {
  const isUnsent = row.state === 'waiting' || photos.some((photo) => photo.state === 'waiting' || photo.state === 'sending')
  return {
    row,
    state: row.state === 'waiting' && goesNow(row.seq) ? 'sending' : row.state,
    body: JSON.parse(row.text) as Record<string, unknown>,
    photos,
    waitsMs: row.state === 'waiting' ? waitsMs(row.seq) : 0,
    isLate: isUnsent && Date.now() - Date.parse(row.createdAt) > LATE_MS,
  }
}

function progress(id: string, photo: PhotoRow | undefined, row: OutboxRow | undefined): PhotoProgress[] {
  if (!row) return [] // of an edit: it was sent with an earlier revision, perhaps from another phone
  return [
    {
      id,
      state: row.state === 'waiting' && goesNow(row.seq) ? 'sending' : row.state,
      sentBytes: row.state === 'sent' ? (photo?.size ?? 0) : (photo?.sentBytes ?? 0),
      size: photo?.size ?? 0,
      problem: row.lastProblem,
    },
  ]
}

/** Counts and words for the strip under the title; nothing of it is hope. */
export async function outboxStatus(authorId: string): Promise<OutboxStatus> {
  const open = await db()
  const [waiting, held] = await Promise.all([
    open.getAllFromIndex('outbox', 'state', 'waiting'),
    open.getAllFromIndex('outbox', 'state', 'held'),
  ])
  const mine = waiting.filter((row) => row.author_id === authorId)
  const photos = mine.filter((row) => row.type === 'photo').length
  const answered = answeredIn([...mine, ...held])
  return {
    records: mine.length - photos,
    photos,
    held: held.filter((row) => row.author_id === authorId && !answered(row)).length,
    others: waiting.length - mine.length,
    oldestAt: mine.reduce<string | null>((oldest, row) => (oldest === null || row.createdAt < oldest ? row.createdAt : oldest), null),
    isSending: isSending(),
    stopped: (await fact('stopped')) ?? null,
    resting: restsFor(),
    lastContactAt: lastServerTime() ?? (await fact('server_time')) ?? null,
    lastSyncedAt: (await fact('synced_at')) ?? null,
  }
}
