// One flusher at a time over all tabs and the worker. Nothing is lost without it, for sending twice does no harm; it
// spares the person's data volume.
import { transaction } from './db'
import { uuid7 } from '../../shared/uuid'

const NAME = 'qianbai-flush'
const WAIT_MS = 60_000
const LEASE_MS = 20_000
const owner = uuid7()

/** What the work gives, or null when somebody else kept at it for a minute. */
export async function alone<T>(work: () => Promise<T>): Promise<T | null> {
  return navigator.locks ? byLock(work) : byLease(work)
}

async function byLock<T>(work: () => Promise<T>): Promise<T | null> {
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), WAIT_MS)
  try {
    return await navigator.locks.request(NAME, { signal: patience.signal }, () => {
      clearTimeout(timer)
      return work()
    })
  } catch (cause) {
    if (patience.signal.aborted) return null
    throw cause
  } finally {
    clearTimeout(timer)
  }
}

interface Lease {
  owner: string
  until: number
}

/** Plain HTTP has no locks: a row with a time does, which a tab that dies does not hold for long. */
async function byLease<T>(work: () => Promise<T>): Promise<T | null> {
  if (!(await take())) return null
  const renewal = setInterval(() => void take().catch(() => undefined), LEASE_MS / 4)
  try {
    return await work()
  } finally {
    clearInterval(renewal)
    await leave()
  }
}

function take(): Promise<boolean> {
  return transaction(['facts'], async (rows) => {
    const facts = rows.objectStore('facts')
    const held = (await facts.get(NAME)) as Lease | undefined
    const now = Date.now()
    // A lease from a future that no lease reaches was written before somebody set the clock back.
    const isHeld = held && held.owner !== owner && held.until > now && held.until <= now + LEASE_MS
    if (isHeld) return false
    await facts.put({ owner, until: now + LEASE_MS } satisfies Lease, NAME)
    return true
  })
}

function leave(): Promise<void> {
  return transaction(['facts'], async (rows) => {
    const held = (await rows.objectStore('facts').get(NAME)) as Lease | undefined
    if (held?.owner === owner) await rows.objectStore('facts').delete(NAME)
  })
}
