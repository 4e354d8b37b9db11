// The durable outbox: what a person has finished stays here until the server has proved that it has it.
//
//   keep ─▶ waiting ──receipt──▶ sent         kept 30 days more, for recalls, then let go
//              └─ a person must look ─▶ held ──edited──▶ replaced   once the edit has its receipt
//                                         └─ headquarters decides ─▶ settled
//
// Items of one record go one after the other, an edit behind the revision it was made from; items of different records
// never wait for each other. Pauses live in memory only, so a restart just tries again.
import { uuid7 } from '../../shared/uuid'
import { checkinBody, freeze, issueBody, issueOf, visitBody, type Frozen } from './bodies'
import { elapsedMs } from './clock'
import { db, fact, transaction, type Rows } from './db'
import type { AnswerDraft, CheckinDraft, Draft, IssueDraft, OutboxRow, OutboxType, PhotoRow, VisitDraft } from './model'
import { tell } from './news'
import { askToBeWoken } from './wake'

type NewRow = Omit<OutboxRow, 'seq'>

/** An item that may go now, and the revision it goes on top of. */
export interface Sending {
  row: OutboxRow
  baseRev: number | null
}

/** When, by the counter, each row may be tried again; gone at a restart. */
const pauses = new Map<number, number>()
const underWay = new Set<number>()

/** Whether it is a record with revisions. */
export function isRecord(type: OutboxType): type is 'visit' | 'checkin' | 'issue' {
  return type !== 'withdrawal' && type !== 'photo'
}

// What the person does

/** A finished visit: frozen, hashed and on the disk with its photos when this returns, and the form is gone. */
export function keepVisit(draft: VisitDraft): Promise<string> {
  return keepRecord(draft, freeze(visitBody(draft)), draft.enterprise_name || draft.free.name.trim())
}

/** A finished check-in with the problem that is raised by it, both or neither; as {@link keepVisit}. */
export function keepCheckin(draft: CheckinDraft): Promise<string> {
  const problem = issueOf(draft)
  return keepRecord(draft, freeze(checkinBody(draft)), draft.site_name, problem && [problem.id, freeze(issueBody(problem))])
}

/** A problem; as {@link keepVisit}. */
export function keepIssue(draft: IssueDraft): Promise<string> {
  return keepRecord(draft, freeze(issueBody(draft)), draft.site_name || draft.enterprise_name)
}

async function keepRecord(draft: Exclude<Draft, AnswerDraft>, frozen: Frozen, title: string, problem: [string, Frozen] | null = null): Promise<string> {
  const author = await theAuthor()
  const photoIds = [...draft.photo_ids]
  await transaction(['outbox', 'photos', 'bytes', 'drafts'], async (rows) => {
    await keepPhotos(rows, draft.id, photoIds, author.name, title)
    const before = await rows.objectStore('outbox').index('record').getAll(draft.id)
    await rows.objectStore('outbox').add({
      ...fresh(draft.type, draft.id, author, title),
      ...frozen,
      photo_ids: photoIds,
      decidedRev: basisOf(before, draft.editsRev),
    } as OutboxRow)
    if (problem) await rows.objectStore('outbox').add({ ...fresh('issue', problem[0], author, title), ...problem[1], photo_ids: photoIds } as OutboxRow)
    await rows.objectStore('drafts').delete(draft.id)
  })
  tell('outbox')
  tell('drafts')
  void askToBeWoken()
  return draft.id
}

/** What was done about a problem has arrived: its photos follow, and the form is gone. */
export async function keepAnswered(draft: AnswerDraft): Promise<void> {
  const author = await theAuthor()
  await transaction(['outbox', 'photos', 'bytes', 'drafts'], async (rows) => {
    await keepPhotos(rows, draft.id, draft.photo_ids, author.name, draft.title)
    await rows.objectStore('drafts').delete(draft.id)
  })
  tell('outbox')
  tell('drafts')
  void askToBeWoken()
}

/** Take a record back; it goes behind what is still unsent of it. */
export async function withdraw(record: { id: string; title: string }, reason: string): Promise<void> {
  const author = await theAuthor()
  const row: NewRow = { ...fresh('withdrawal', record.id, author, record.title), ...freeze({ reason }) }
  await transaction(['outbox'], (rows) => rows.objectStore('outbox').add(row as OutboxRow))
  tell('outbox')
  void askToBeWoken()
}

/** The person stays with what is written here, on top of what the server has: the decision of a conflict. */
export async function insist(seq: number): Promise<void> {
  await transaction(['outbox'], async (rows) => {
    const held = await rows.objectStore('outbox').get(seq)
    if (held?.state !== 'held') return
    const { seq: _seq, ...rest } = held
    const decided: NewRow = {
      ...rest,
      op_id: uuid7(),
      decidedRev: held.lastProblem?.conflict?.server_rev ?? held.decidedRev,
      createdAt: new Date().toISOString(),
      state: 'waiting',
      attempts: 0,
      lastProblem: null,
      heldBecause: null,
    }
    await rows.objectStore('outbox').add(decided as OutboxRow)
  })
  tell('outbox')
}

/** Try a row, or all, without waiting for the pause that grew by itself. */
export async function retry(seq?: number): Promise<void> {
  if (seq === undefined) pauses.clear()
  else {
    pauses.delete(seq)
    await transaction(['outbox'], async (rows) => {
      const row = await rows.objectStore('outbox').get(seq)
      if (row?.state === 'held') await rows.objectStore('outbox').put({ ...row, state: 'waiting', heldBecause: null })
    })
  }
  tell('outbox')
}

// What sending does

/** What may go now: the first unsent item of each of the author's records, fresh ones first, unless it pauses. */
export async function sendable(types: readonly OutboxType[], authorId: string, most: number): Promise<Sending[]> {
  const rows = (await db()).transaction('outbox')
  let found: OutboxRow[] = []
  // The oldest are read first, and all of them only when those do not give enough.
  for (let limit = most * 4; ; limit *= 4) {
    const waiting = await rows.store.index('state').getAll('waiting', limit)
    found = firstsOf(waiting, types, authorId)
    if (found.length >= most || waiting.length < limit) break
  }
  // What has failed before goes last: it must not stand before the others again and again.
  const going = found.sort((a, b) => a.attempts - b.attempts || a.seq - b.seq).slice(0, most)
  const bases = await Promise.all(going.map((row) => baseRevOf(row, (id) => rows.store.index('record').getAll(id))))
  return going.map((row, at) => ({ row, baseRev: bases[at] ?? null }))
}

function firstsOf(waiting: OutboxRow[], types: readonly OutboxType[], authorId: string): OutboxRow[] {
  const now = elapsedMs()
  const begun = new Set<string>()
  return waiting.filter((row) => {
    if (begun.has(row.id)) return false
    begun.add(row.id)
    return row.author_id === authorId && types.includes(row.type) && (pauses.get(row.seq) ?? 0) <= now
  })
}

/** How long until something of these may go: 0 at once, null when nothing is unsent. */
export async function nextDueMs(types: readonly OutboxType[], authorId: string): Promise<number | null> {
  const waiting = await (await db()).getAllFromIndex('outbox', 'state', 'waiting')
  const mine = waiting.filter((row) => row.author_id === authorId && types.includes(row.type))
  if (!mine.length) return null
  return Math.max(0, Math.min(...mine.map((row) => waitsMs(row.seq))))
}

export function waitsMs(seq: number): number {
  return Math.max(0, (pauses.get(seq) ?? 0) - elapsedMs())
}

/** Not before that time; known to this page alone. */
export function pause(seq: number, ms: number): void {
  pauses.set(seq, elapsedMs() + ms)
}

export function goesNow(seq: number): boolean {
  return underWay.has(seq)
}

/** While the work runs, these rows are shown as under way. */
export async function whileSending<T>(going: readonly Sending[], work: () => Promise<T>): Promise<T> {
  for (const one of going) underWay.add(one.row.seq)
  tell('outbox')
  try {
    return await work()
  } finally {
    for (const one of going) underWay.delete(one.row.seq)
    tell('outbox')
  }
}

// How

interface Author {
  id: string
  name: string
}

async function theAuthor(): Promise<Author> {
  const person = await fact('person')
  if (!person) throw new Error('nobody has signed in on this phone')
  return { id: person.id, name: person.name }
}

function fresh(type: OutboxType, id: string, author: Author, title: string): NewRow {
  return {
    op_id: uuid7(),
    type,
    id,
    author_id: author.id,
    author_name: author.name,
    text: '',
    sha256: '',
    title,
    photo_ids: [],
    record_id: id,
    createdAt: new Date().toISOString(),
    state: 'waiting',
    attempts: 0,
    decidedRev: null,
    lastProblem: null,
    heldBecause: null,
    receipt: null,
    provedAt: null,
  }
}

/** Photos of the form go into the outbox with it; those that were taken for it and left out again are gone. */
async function keepPhotos(
  rows: Rows<'outbox' | 'photos' | 'bytes' | 'drafts'>,
  recordId: string,
  photoIds: readonly string[],
  authorName: string,
  title: string,
): Promise<void> {
  const photos = rows.objectStore('photos')
  for (const photo of await photos.index('record').getAll(recordId)) {
    if (photo.state !== 'draft') continue
    if (!photoIds.includes(photo.id)) {
      await Promise.all([photos.delete(photo.id), rows.objectStore('bytes').delete(photo.id)])
      continue
    }
    await photos.put({ ...photo, state: 'waiting' })
    const row: NewRow = {
      ...fresh('photo', photo.id, { id: photo.author_id, name: authorName }, title),
      text: freeze(announcementOf(photo)).text,
      sha256: photo.sha256,
      record_id: recordId,
    }
    await rows.objectStore('outbox').add(row as OutboxRow)
  }
}

function announcementOf(photo: PhotoRow): object {
  return {
    id: photo.id,
    sha256: photo.sha256,
    md5: photo.md5,
    size: photo.size,
    content_type: photo.content_type,
    taken_at: photo.taken_at,
    source: photo.source,
    ...(photo.location ? { location: photo.location } : {}),
  }
}

/** The revision the person has before their eyes; none behind one that has no receipt yet. */
function basisOf(before: OutboxRow[], editsRev: number | null): number | null {
  const last = before.filter((row) => row.type !== 'withdrawal').sort((a, b) => b.seq - a.seq)[0]
  return last?.state === 'waiting' ? null : editsRev
}

/** What the person decided to build on, else the newest revision that has its receipt. */
async function baseRevOf(row: OutboxRow, itemsOf: (id: string) => Promise<OutboxRow[]>): Promise<number | null> {
  if (row.decidedRev !== null || !isRecord(row.type)) return row.decidedRev
  const proved = (await itemsOf(row.id)).filter((one) => one.seq < row.seq && one.state === 'sent' && one.type === row.type)
  return proved.length ? Math.max(...proved.map((one) => one.receipt?.rev ?? 0)) || null : null
}
