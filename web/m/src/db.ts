// The phone's one database. A step is one transaction: it is on the disk when its promise is kept, or it never was.
import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames } from 'idb'
import type { Person } from '../../shared/session'
import type { CallableUnits, Draft, Headline, IssueBoxes, OutboxRow, PhotoRow, Stopped } from './model'

export interface PulledRow {
  type: string
  id: string
  rev: number | null
  data: unknown
  /** Which complete pull it belongs to. */
  generation: number
}

/** What the phone remembers beside its rows. */
export interface Facts {
  device_id: string
  person: Person
  /** Where the next pull goes on, and whose cursor it is. */
  cursor: string
  pulled_for: string
  generation: number
  /** The one in which rows are told; Chinese where nothing is kept. */
  language: string
  pulled_at: string
  server_time: string
  headline: { at: string; of: Headline }
  issues: IssueBoxes
  callable: CallableUnits
  recalls: Record<string, { sent: string[]; missing: string[] }>
  stopped: Stopped
  synced_at: string
  recent: string[]
  is_persisted: boolean
  wifi_only: boolean
}

interface PhoneSchema extends DBSchema {
  outbox: {
    key: number
    value: OutboxRow
    indexes: { record: string; state: string }
  }
  photos: { key: string; value: PhotoRow; indexes: { record: string } }
  /** Photos' bytes apart from their rows, so that listing rows loads no picture. */
  bytes: { key: string; value: ArrayBuffer }
  drafts: { key: string; value: Draft }
  pulled: { key: [string, string]; value: PulledRow }
  facts: { key: string; value: unknown }
}

export type PhoneDb = IDBPDatabase<PhoneSchema>
export type Rows<S extends StoreNames<PhoneSchema>> = IDBPTransaction<PhoneSchema, S[], 'readwrite'>

const VERSION = 1
const NAME = 'qianbai-phone'

/** There is no room on the phone: nothing was kept, and the form must stay open. */
export class PhoneFull extends Error {
  constructor() {
    super('phone_full')
    this.name = 'PhoneFull'
  }
}

let opened: Promise<PhoneDb> | null = null

function upgrade(database: PhoneDb, from: number): void {
  if (from < 1) {
    const outbox = database.createObjectStore('outbox', { keyPath: 'seq', autoIncrement: true })
    outbox.createIndex('record', 'id')
    outbox.createIndex('state', 'state')
    database.createObjectStore('photos', { keyPath: 'id' }).createIndex('record', 'record_id')
    database.createObjectStore('bytes')
    database.createObjectStore('drafts', { keyPath: 'id' })
    database.createObjectStore('pulled', { keyPath: ['type', 'id'] })
    database.createObjectStore('facts')
  }
}

function forget(): void {
  opened = null
}

/** The open database; opened once, and again when a newer version of the app or the browser has closed it. */
export function db(): Promise<PhoneDb> {
  opened ??= openDB<PhoneSchema>(NAME, VERSION, {
    upgrade: (database, from) => upgrade(database, from),
    // A newer app in another tab waits for this: nothing is under way that its next transaction could not repeat.
    blocking: (_current, _blocked, event) => {
      ;(event.target as IDBDatabase).close()
      forget()
    },
    terminated: forget,
  }).catch((cause: unknown) => {
    forget()
    throw cause
  })
  return opened
}

/** Close it; tests reopen the same database as a phone that was killed does. */
export async function closeDb(): Promise<void> {
  const open = opened
  forget()
  if (open) (await open).close()
}

function isFull(cause: unknown): boolean {
  return cause instanceof DOMException && cause.name === 'QuotaExceededError'
}

/**
 * Everything inside happens, or nothing; on the disk when it returns.
 *
 * Throws {@link PhoneFull} when there is no room.
 */
export async function transaction<S extends StoreNames<PhoneSchema>, T>(
  stores: S[],
  work: (rows: Rows<S>) => Promise<T>,
): Promise<T> {
  // Chrome's default tells "done" before the disk has it; a record that is shown as kept must survive the battery.
  const rows = (await db()).transaction(stores, 'readwrite', { durability: 'strict' })
  // The transaction's own end is what counts; `done` must have its listener before anything can fail.
  const done = rows.done.then(
    () => null,
    (cause: unknown) => ({ cause }),
  )
  let result: T
  try {
    result = await work(rows)
  } catch (cause) {
    try {
      rows.abort()
    } catch {
      // It has ended already.
    }
    await done
    throw isFull(cause) || isFull(rows.error) ? new PhoneFull() : cause
  }
  const broken = await done
  if (broken) throw isFull(broken.cause) ? new PhoneFull() : broken.cause
  return result
}

export async function fact<K extends keyof Facts>(name: K): Promise<Facts[K] | undefined> {
  return (await (await db()).get('facts', name)) as Facts[K] | undefined
}

/** Remember facts in one step; `undefined` forgets. */
export async function remember(facts: Partial<Facts>): Promise<void> {
  await transaction(['facts'], async (rows) => {
    await writeFacts(rows.objectStore('facts'), facts)
  })
}

/** The same as part of somebody's transaction. */
export async function writeFacts(
  store: { put(value: unknown, key: string): Promise<unknown>; delete(key: string): Promise<unknown> },
  facts: Partial<Facts>,
): Promise<void> {
  await Promise.all(
    Object.entries(facts).map(([name, value]) => (value === undefined ? store.delete(name) : store.put(value, name))),
  )
}

/** Ask the browser not to clear this phone's data when it runs short of room; null where nobody can be asked. */
export async function askPersist(): Promise<boolean | null> {
  if (!navigator.storage?.persist) return null
  try {
    const isPersisted = (await navigator.storage.persisted()) || (await navigator.storage.persist())
    await remember({ is_persisted: isPersisted })
    return isPersisted
  } catch {
    return null
  }
}
