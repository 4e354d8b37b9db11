// What becomes of items by what was said about them. A receipt counts only if its id, its hash and its revision fit what
// the phone itself froze; a status, a counter, a `200` are no proof.
import type { Schemas } from '../../shared/api'
import type { Problem } from '../../shared/problem'
import { uuid7 } from '../../shared/uuid'
import { courseOf, heldBecause, pauseMs, waitOf } from './backoff'
import { transaction, type Rows } from './db'
import type { OutboxRow, Receipt, Round } from './model'
import { tell } from './news'
import { isRecord, pause, type Sending } from './outbox'

/** Doublings of a pause after which an unanswered item waits no longer than that. */
const SHORT = 4

export type Result = Partial<Schemas['OpResultOut']>

/** One item and what was said of it; no result at all is a word, too: send again. */
export interface Word {
  sending: Sending
  result: Result | null
}

/** Take in what was said of several items, in one step; how many were proved. */
export async function takeIn(words: readonly Word[], round: Round): Promise<number> {
  let proved = 0
  const later: (() => void)[] = []
  await transaction(['outbox', 'photos'], async (rows) => {
    proved = 0
    later.length = 0
    for (const word of words) {
      const row = await rows.objectStore('outbox').get(word.sending.row.seq)
      if (row?.state !== 'waiting') continue // another tab was faster
      const change = changeOf(row, word)
      await rows.objectStore('outbox').put(change.row)
      if (change.row.id !== row.id) await takeAlong(rows, row, change.row.id)
      if (change.row.state === 'sent') {
        proved += 1
        await letReplace(rows, change.row)
      }
      later.push(() => count(change, round))
    }
  })
  for (const done of later) done()
  tell('outbox')
  return proved
}

/** A refusal of this item alone. */
export function turnedDown(sending: Sending, problem: Problem, round: Round): Promise<number> {
  return takeIn([{ sending, result: { status: 'error', problem: problem as Result['problem'] } }], round)
}

/** The line's fault more likely than the item's: a short pause, in which others go first. */
export function unanswered(sending: Sending): void {
  pause(sending.row.seq, pauseMs(Math.min(sending.row.attempts + 1, SHORT)))
}

interface Changed {
  row: OutboxRow
  pauseMs: number | null
  fault: string | null
}

function changeOf(row: OutboxRow, { sending, result }: Word): Changed {
  if (result?.status === 'applied' || result?.status === 'duplicate') {
    const wrong = notOurs(sending, result.receipt)
    if (wrong === null) return { row: provedRow(row, result.receipt as Receipt), pauseMs: null, fault: null }
    return putOff(row, { title: wrong, detail: wrong, status: 500, code: 'not_our_receipt' })
  }
  const problem = (result?.problem as Problem | undefined) ?? { title: 'no_result', status: 500, code: 'no_result' }
  if (problem.code === 'id_taken' && row.decidedRev === null && isRecord(row.type)) {
    // The id is another person's: the same text under a new one settles what was kept under the old.
    return putOff({ ...row, id: uuid7(), op_id: uuid7() }, problem)
  }
  if (courseOf(problem) === 'person') {
    const held = { state: 'held', heldBecause: heldBecause(problem, result?.status), lastProblem: problem } as const
    return { row: { ...row, ...held, attempts: row.attempts + 1 }, pauseMs: null, fault: problem.code }
  }
  return putOff(row, problem)
}

function putOff(row: OutboxRow, problem: Problem): Changed {
  const attempts = row.attempts + 1
  return { row: { ...row, attempts, lastProblem: problem }, pauseMs: pauseMs(attempts, waitOf(problem)), fault: problem.code }
}

function provedRow(row: OutboxRow, receipt: Receipt): OutboxRow {
  return { ...row, state: 'sent', lastProblem: null, heldBecause: null, receipt, provedAt: receipt.received_at }
}

/** Why a receipt is not this item's; null when it is. */
export function notOurs({ row, baseRev }: Sending, receipt: Partial<Receipt> | undefined): string | null {
  if (!receipt || typeof receipt.id !== 'string' || typeof receipt.sha256 !== 'string') return 'there is no receipt'
  if (typeof receipt.received_at !== 'string' || !Number.isInteger(receipt.rev)) return 'a receipt that cannot be read'
  if (receipt.id !== row.id || receipt.sha256 !== row.sha256) return 'the server holds something else under this id'
  return (receipt.rev as number) <= (baseRev ?? 0) ? 'the receipt is that of an older revision' : null
}

/** Edits behind a record that got a new id belong to it under that id. */
async function takeAlong(rows: Rows<'outbox' | 'photos'>, before: OutboxRow, id: string): Promise<void> {
  for (const row of await rows.objectStore('outbox').index('record').getAll(before.id)) {
    if (row.seq > before.seq && row.state === 'waiting') await rows.objectStore('outbox').put({ ...row, id })
  }
}

/** What needed a person has been answered by the later revision that is now accepted. */
async function letReplace(rows: Rows<'outbox' | 'photos'>, proved: OutboxRow): Promise<void> {
  if (proved.type === 'photo') {
    const photo = await rows.objectStore('photos').get(proved.id)
    if (photo) await rows.objectStore('photos').put({ ...photo, state: 'sent', sentBytes: photo.size, upload: null })
    return
  }
  for (const row of await rows.objectStore('outbox').index('record').getAll(proved.id)) {
    if (row.seq < proved.seq && row.state === 'held') {
      await rows.objectStore('outbox').put({ ...row, state: 'replaced', provedAt: proved.provedAt })
    }
  }
}

function count(change: Changed, round: Round): void {
  if (change.fault !== null) round.faults[change.fault] = (round.faults[change.fault] ?? 0) + 1
  if (change.row.state === 'sent') {
    if (change.row.type === 'photo') round.photos += 1
    else round.sent += 1
  } else if (change.row.state === 'held') round.held += 1
  else {
    round.putOff += 1
    pause(change.row.seq, change.pauseMs ?? 0)
  }
}

/** What the server had kept of a record is decided: nobody on the phone needs to decide it any more. */
export async function settled(recordId: string, sha256: string, settledAt: string): Promise<void> {
  await transaction(['outbox'], async (rows) => {
    for (const row of await rows.objectStore('outbox').index('record').getAll(recordId)) {
      if (row.sha256 !== sha256) continue
      if (row.state === 'held') await rows.objectStore('outbox').put({ ...row, state: 'settled', provedAt: settledAt })
      // If it was accepted after all, asking once more brings its receipt.
      if (row.state === 'waiting') pause(row.seq, 0)
    }
  })
  tell('outbox')
}

/** Send these again, from the first revision on, for the server has asked; how many there were. */
export async function recall(ids: readonly string[]): Promise<number> {
  if (!ids.length) return 0
  let many = 0
  await transaction(['outbox', 'photos'], async (rows) => {
    many = 0
    for (const id of ids) {
      for (const row of await rows.objectStore('outbox').index('record').getAll(id)) {
        if (row.state !== 'sent') continue
        many += 1
        await rows.objectStore('outbox').put({ ...row, state: 'waiting', attempts: 0 })
        const photo = row.type === 'photo' ? await rows.objectStore('photos').get(id) : undefined
        if (photo) await rows.objectStore('photos').put({ ...photo, state: 'waiting', sentBytes: 0, upload: null, allSent: false })
      }
    }
  })
  tell('outbox')
  return many
}
