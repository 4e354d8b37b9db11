// A phone's clock may be wrong by years. Waiting is measured by a counter that nobody can set, and a record says how far
// the two clocks agreed since the server was last heard of.
import type { Schemas } from '../../shared/api'

/** A browser's counter may stop while the phone sleeps; beyond this, it and the shown clock contradict each other. */
const MOST_APART_MS = 5_000

interface Anchor {
  serverTime: string
  counted: number
  shown: number
}

let anchor: Anchor | null = null

/** Milliseconds since this page or worker was started; nobody can set them. */
export function elapsedMs(): number {
  return performance.now()
}

/** Remember the server's time beside both clocks of the phone. */
export function meet(serverTime: string): void {
  anchor = { serverTime, counted: elapsedMs(), shown: Date.now() }
}

/** The server's time when it was last heard of since the app was started. */
export function lastServerTime(): string | null {
  return anchor?.serverTime ?? null
}

/**
 * What bounds the time of capture, for a record's `clock`.
 *
 * Null before the server was met since the app was started; also null when counter and shown clock have drifted apart:
 * either the phone slept, and the counter with it, or somebody set the clock, and nobody here can tell which.
 */
export function clockStamp(): Schemas['ClockIn'] | null {
  if (!anchor) return null
  const counted = elapsedMs() - anchor.counted
  const shown = Date.now() - anchor.shown
  if (Math.abs(counted - shown) > MOST_APART_MS) return null
  return { server_time: anchor.serverTime, elapsed_ms: Math.round(counted), phone_time: new Date().toISOString() }
}
