// The feed comes in, page after page, each kept with its cursor in one step; what it says about this phone's own items is
// heeded. A cursor that is too old begins anew: old rows stay to be seen until the last page has come.
import { Refused, Unreachable } from '../../shared/problem'
import { db, fact, remember, transaction, writeFacts, type PulledRow, type Rows } from './db'
import type { Change, Headline, KeptRow, Round } from './model'
import { onNews, tell } from './news'
import { settled } from './settling'
import { ask } from './wire'

const PAGE_ROWS = 500

/** Every page up to the last. Throws as `ask` does; the pages before stay. */
export async function pullEverything(personId: string, round: Round): Promise<void> {
  let hasMore = true
  while (hasMore) {
    try {
      hasMore = await page(personId, round)
    } catch (fault) {
      if (!(fault instanceof Refused) || fault.status !== 410) throw fault
      round.faults[fault.code] = (round.faults[fault.code] ?? 0) + 1
      await beginAnew()
    }
  }
}

/** How the unit stands, for the first screen; asked after the feed. */
export async function pullHeadline(): Promise<void> {
  const { document } = await ask('GET', '/api/v1/progress')
  const headline = { at: new Date().toISOString(), of: document as unknown as Headline }
  await transaction(['facts'], (rows) => writeFacts(rows.objectStore('facts'), { headline }))
}

async function page(personId: string, round: Round): Promise<boolean> {
  const [cursor, generation] = [await fact('cursor'), (await fact('generation')) ?? 0]
  const query = `limit=${PAGE_ROWS}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`
  const { document } = await ask('GET', `/api/v1/sync/changes?${query}`)
  const told = document as { changes?: Change[]; next_cursor?: string; has_more?: boolean; server_time?: string }
  if (!Array.isArray(told.changes) || typeof told.next_cursor !== 'string' || typeof told.has_more !== 'boolean') {
    throw new Unreachable('a page that cannot be read')
  }
  const { changes, next_cursor, has_more } = told
  if (!(await takeInPage(changes, generation, { cursor: next_cursor, pulled_for: personId, isLast: !has_more, at: told.server_time ?? '' }))) return true
  if (changes.length) tell('pulled')
  for (const change of changes) await heed(change)
  round.pulled += changes.length
  return has_more
}

/** Says whether it was taken in: a page asked for before everything is to be read again belongs to a reading that ended. */
async function takeInPage(
  changes: Change[],
  generation: number,
  told: { cursor: string; pulled_for: string; isLast: boolean; at: string },
): Promise<boolean> {
  return transaction(['pulled', 'facts'], async (rows) => {
    if (((await rows.objectStore('facts').get('generation')) ?? 0) !== generation) return false
    await apply(rows, changes, generation)
    await writeFacts(rows.objectStore('facts'), {
      cursor: told.cursor,
      pulled_for: told.pulled_for,
      ...(told.isLast ? { pulled_at: told.at } : {}),
    })
    if (told.isLast) await dropOlder(rows, generation)
    return true
  })
}

/** In the order of the feed: the same row may come and go within a page. */
async function apply(rows: Rows<'pulled' | 'facts'>, changes: Change[], generation: number): Promise<void> {
  const pulled = rows.objectStore('pulled')
  await Promise.all(
    changes.map(({ type, id, op, rev, data }) =>
      op === 'delete' ? pulled.delete([type, id]) : pulled.put({ type, id, rev, data, generation }),
    ),
  )
}

let droppedFor = -1

/** After a reset, what no page has brought again is gone. */
async function dropOlder(rows: Rows<'pulled' | 'facts'>, generation: number): Promise<void> {
  if (generation === 0 || droppedFor === generation) return
  for (let at = await rows.objectStore('pulled').openCursor(); at; at = await at.continue()) {
    if (at.value.generation < generation) await at.delete()
  }
  droppedFor = generation
}

async function beginAnew(also: { language?: string } = {}): Promise<void> {
  await remember({ cursor: undefined, generation: ((await fact('generation')) ?? 0) + 1, ...also })
}

/** The language in which rows are told: in another one all are asked for again; says whether they are. */
export async function readIn(language: string): Promise<boolean> {
  if (((await fact('language')) ?? 'zh-CN') === language) return false
  await beginAnew({ language })
  return true
}

/** What headquarters has decided about a kept body ends the phone's own question about it. */
async function heed(change: Change): Promise<void> {
  const kept = change.data as KeptRow | null
  if (change.type === 'kept' && kept?.settled_at) await settled(kept.record_id, kept.sha256, kept.settled_at)
}

/** Types of which there are tens of thousands: one row is read at a time; of the others all lie in memory. */
const LARGE: readonly Change['type'][] = ['enterprise', 'last_visit']
const inMemory = new Map<string, Promise<Map<string, unknown>>>()
onNews((of) => of === 'pulled' && inMemory.clear())

/** One pulled row. */
export async function pulledRow<T>(type: Change['type'], id: string): Promise<T | null> {
  if (LARGE.includes(type)) return ((await (await db()).get('pulled', [type, id]))?.data as T | undefined) ?? null
  const held = inMemory.get(type) ?? byId(type)
  inMemory.set(type, held)
  return ((await held).get(id) as T | undefined) ?? null
}

async function byId(type: Change['type']): Promise<Map<string, unknown>> {
  try {
    return new Map((await rowsOfType(type)).map((row) => [row.id, row.data]))
  } catch (cause) {
    inMemory.delete(type)
    throw cause
  }
}

function rowsOfType(type: Change['type']): Promise<PulledRow[]> {
  return db().then((open) => open.getAll('pulled', IDBKeyRange.bound([type, ''], [type, '\uffff'])))
}

/** Every pulled row of a type. */
export async function pulledRows<T>(type: Change['type']): Promise<T[]> {
  return (await rowsOfType(type)).map((row) => row.data as T)
}
