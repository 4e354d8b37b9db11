// Records go out: in batches, each item standing on its own result. The bodies are written into the batch as they were
// frozen, letter by letter, so that what is hashed there is what was hashed here.
import { Refused, Unreachable } from '../../shared/problem'
import { stopOf } from './backoff'
import type { OutboxType, Round } from './model'
import { sendable, whileSending, type Sending } from './outbox'
import { takeIn, turnedDown, unanswered, type Result } from './settling'
import { ask, PersonNeeded } from './wire'

export const RECORDS: readonly OutboxType[] = ['visit', 'checkin', 'issue', 'withdrawal']

const MOST_OPS = 50
/** Under the megabyte that the server takes, with room for what stands around the bodies. */
const MOST_BYTES = 900_000
const AROUND_BYTES = 250
/** Refusals of a whole batch that one of its items may have caused. */
const BY_CONTENT = new Set([400, 413, 422, 500])

let most = MOST_OPS

/** As many of them, from the first on, as one request takes; one alone always does. */
export function thatFit(going: readonly Sending[]): Sending[] {
  let room = MOST_BYTES
  const fitting: Sending[] = []
  for (const one of going) {
    room -= utf8Length(one.row.text) + AROUND_BYTES
    if (room < 0 && fitting.length) break
    fitting.push(one)
  }
  return fitting
}

/** The results of these by op id; `also` is JSON that stands in every body beside what was frozen, as `"accept":[…]`. */
export async function push(batch: readonly Sending[], also = ''): Promise<Map<string, Result>> {
  const { document } = await ask('POST', '/api/v1/sync/push', `{"ops":[${batch.map((one) => op(one, also)).join(',')}]}`)
  if (!Array.isArray(document.results)) throw new Unreachable('an answer without results')
  const told = document.results as (Result | null)[]
  return new Map(told.flatMap((one) => (typeof one?.op_id === 'string' ? [[one.op_id, one] as const] : [])))
}

/**
 * Send every record that may go.
 *
 * On a bad line, or when the server stumbles over something in a batch, the next one is half as large: one poisoned item
 * is soon alone, waits by itself, and holds nobody back.
 */
export async function sendRecords(authorId: string, round: Round): Promise<void> {
  for (;;) {
    const batch = thatFit(await sendable(RECORDS, authorId, most))
    if (!batch.length) return
    await whileSending(batch, () => sendBatch(batch, round))
  }
}

async function sendBatch(batch: Sending[], round: Round): Promise<void> {
  let results: Map<string, Result>
  try {
    results = await push(batch)
  } catch (fault) {
    await shrink(batch, fault, round)
    throw fault
  }
  most = Math.min(most * 2, MOST_OPS)
  await takeIn(batch.map((sending) => ({ sending, result: results.get(sending.row.op_id) ?? null })), round)
  demandSignedIn(results)
}

/** One op's word about the person holds for all of them: asking for the next batch would get it again. */
export function demandSignedIn(results: Map<string, Result>): void {
  for (const { problem } of results.values()) {
    if (problem?.code === 'written_by_another' || problem?.code === 'password_change_due') throw new PersonNeeded(stopOf(problem as never))
  }
}

async function shrink(batch: Sending[], fault: unknown, round: Round): Promise<void> {
  const isOurs = fault instanceof Unreachable || (fault instanceof Refused && BY_CONTENT.has(fault.status))
  if (!isOurs) return // the server is busy, or the person is asked for, whatever the batch holds
  if (batch.length > 1) most = Math.max(1, Math.floor(batch.length / 2))
  else if (fault instanceof Refused) await turnedDown(batch[0]!, fault.problem, round)
  else unanswered(batch[0]!)
}

function op({ row, baseRev }: Sending, also: string): string {
  const told: Record<string, unknown> = { op_id: row.op_id, type: row.type, id: row.id, author_id: row.author_id }
  if (baseRev !== null) told.base_rev = baseRev
  const separator = row.text === '{}' ? '' : ','
  const body = also ? `${row.text.slice(0, -1)}${separator}${also}}` : row.text
  return `${JSON.stringify(told).slice(0, -1)},"body":${body}}`
}

function utf8Length(text: string): number {
  let length = text.length
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code > 0x7f) length += code > 0x7ff ? 2 : 1 // halves of a pair count 3 each: a little too much, never too little
  }
  return length
}
