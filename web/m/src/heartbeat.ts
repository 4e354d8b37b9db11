// The phone says what it still holds, and carries out what it is asked to send again. A recall is answered once everything
// it names is proved anew; it is forgotten when the server no longer asks.
import { Unreachable } from '../../shared/problem'
import { db, fact, remember, type Facts } from './db'
import { APP_VERSION, missing, model, platform, room } from './device'
import type { OutboxRow, Round } from './model'
import { recall } from './settling'
import { ask } from './wire'
import type { Schemas } from '../../shared/api'

const DAY_MS = 86_400_000
type Recalls = Facts['recalls']

/** Tell the server what is unsent, and heed what it asks. */
export async function beat(authorId: string, round: Round): Promise<void> {
  const { document } = await ask('POST', '/api/v1/heartbeats', JSON.stringify(await told(authorId)))
  round.isReported = true
  const asked = document.recalls
  if (!Array.isArray(asked)) throw new Unreachable('a heartbeat answered without recalls')
  const heeded = await heed(asked as Schemas['PhoneRecallOut'][], authorId, round)
  const unsent = new Set((await unsentOf(authorId)).map((row) => row.id))
  for (const [id, outcome] of Object.entries(heeded)) {
    if (outcome.sent.some((one) => unsent.has(one))) continue
    await ask('POST', `/api/v1/recalls/${id}/outcome`, JSON.stringify(outcome))
  }
}

async function unsentOf(authorId: string): Promise<OutboxRow[]> {
  const waiting = await (await db()).getAllFromIndex('outbox', 'state', 'waiting')
  return waiting.filter((row) => row.author_id === authorId)
}

async function told(authorId: string): Promise<Partial<Schemas['HeartbeatIn']>> {
  const unsent = await unsentOf(authorId)
  const photos = unsent.filter((row) => row.type === 'photo').length
  const { used, quota } = await room()
  return {
    pending_records: unsent.length - photos,
    pending_photos: photos,
    ...(unsent.length ? { oldest_pending_at: unsent.reduce((a, b) => (a.createdAt < b.createdAt ? a : b)).createdAt } : {}),
    app_version: APP_VERSION,
    platform: platform(),
    model: model(),
    background_restricted: missing().includes('background_sync'),
    ...(used !== null && quota !== null ? { free_disk_bytes: Math.max(0, Math.round(quota - used)) } : {}),
  }
}

/** The open recalls, each with what is sent again and what is gone; new ones go into the outbox. */
async function heed(asked: Schemas['PhoneRecallOut'][], authorId: string, round: Round): Promise<Recalls> {
  const known = (await fact('recalls')) ?? {}
  const gone = new Set((await (await db()).getAll('photos')).filter((photo) => !photo.hasBytes).map((photo) => photo.id))
  const rows = (await (await db()).getAll('outbox')).filter((row) => row.author_id === authorId && !gone.has(row.id))
  const heeded: Recalls = Object.fromEntries(asked.map((one) => [one.id, known[one.id] ?? answerTo(one, rows)]))
  for (const [id, outcome] of Object.entries(heeded)) {
    if (!known[id]) round.recalled += await recall(outcome.sent)
  }
  if (JSON.stringify(heeded) !== JSON.stringify(known)) await remember({ recalls: heeded })
  return heeded
}

function answerTo(asked: Schemas['PhoneRecallOut'], rows: OutboxRow[]): Recalls[string] {
  const there = new Set(rows.map((row) => row.id))
  const named = [...new Set([...asked.record_ids, ...asked.photo_ids])]
  const since = rows.filter((row) => isSince(row, asked.since_on)).map((row) => row.id)
  return {
    sent: [...new Set([...named.filter((id) => there.has(id)), ...since])].sort(),
    missing: named.filter((id) => !there.has(id)).sort(),
  }
}

/** Whether it was received on that day or later, with a day to spare for time zones: sending again is free. */
function isSince(row: OutboxRow, sinceOn: string | null): boolean {
  if (sinceOn === null || row.receipt === null) return false
  return Date.parse(row.receipt.received_at) >= Date.parse(`${sinceOn}T00:00:00Z`) - DAY_MS
}
