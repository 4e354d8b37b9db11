// What the list calls an item: never more than the server has said.
import type { OutboxEntry } from '../model'

export type Shown = 'waiting' | 'sending' | 'sent' | 'returned' | 'held' | 'failed' | 'replaced' | 'settled'

/** Bytes of its photos that have arrived, and how many there are. */
export function photoBytes(entry: OutboxEntry): { done: number; all: number; count: number; arrived: number } {
  return {
    done: entry.photos.reduce((sum, one) => sum + (one.state === 'sent' ? one.size : one.sentBytes), 0),
    all: entry.photos.reduce((sum, one) => sum + one.size, 0),
    count: entry.photos.length,
    arrived: entry.photos.filter((one) => one.state === 'sent').length,
  }
}

/** A record has arrived when it and every photo of it have their receipts. */
export function shownState(entry: OutboxEntry, isReturned: boolean): Shown {
  const photos = entry.photos.map((one) => one.state)
  if (entry.state === 'held' || photos.includes('held')) return 'held'
  if (entry.state === 'replaced' || entry.state === 'settled') return entry.state
  if (entry.state === 'sending' || photos.includes('sending')) return 'sending'
  if (entry.state === 'sent' && photos.every((one) => one === 'sent' || one === 'replaced' || one === 'settled')) return isReturned ? 'returned' : 'sent'
  const hasFailed = entry.row.lastProblem !== null || entry.photos.some((one) => one.problem !== null)
  return hasFailed ? 'failed' : 'waiting'
}

export const TONE: Record<Shown, string> = {
  waiting: '', sending: 'brand', sent: 'good', returned: 'bad', held: 'bad', failed: 'waiting', replaced: '', settled: '',
}

export const MARK: Record<Shown, string> = {
  waiting: 'clock-o', sending: 'upgrade', sent: 'passed', returned: 'revoke', held: 'warning-o', failed: 'info-o', replaced: 'exchange', settled: 'passed',
}
