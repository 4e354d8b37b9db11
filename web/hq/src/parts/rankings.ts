// How a unit stands beside the others now and a week ago; ranks themselves come from the server.
import type { Schemas } from '../../../shared/api'

export type UnitRow = Schemas['UnitProgressOut']

const DAY_MS = 86_400_000
const at = (day: string): number => Date.parse(`${day}T00:00:00Z`)
const on = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

/** The Monday of a day's week. */
export function mondayOf(day: string): string {
  return on(at(day) - ((new Date(at(day)).getUTCDay() + 6) % 7) * DAY_MS)
}

export function dayBefore(day: string): string {
  return on(at(day) - DAY_MS)
}

/** A target so small that a single visit moves the rate by more than a tenth. */
export const SMALL_TARGET = 10

export interface Ranked {
  row: UnitRow
  /** Places gained since last week; null where one of the ranks is missing. */
  moved: number | null
  /** Subjects first counted since last Sunday; null where that is not known. */
  gained: number | null
  isSmall: boolean
}

/** The rows with how each moved; `before` null is a programme's first week. */
export function ranked(rows: UnitRow[], before: UnitRow[] | null): Ranked[] {
  const then = new Map((before ?? []).map((row) => [row.unit.id, row]))
  return rows.map((row) => {
    const old = then.get(row.unit.id)
    const target = row.targets.working
    return {
      row,
      moved: row.rank != null && old?.rank != null ? old.rank - row.rank : null,
      gained: before === null ? null : row.counted - (old?.counted ?? 0),
      isSmall: target != null && target < SMALL_TARGET,
    }
  })
}

export type Order = 'rate' | 'counted'

/** The best first; units without a target come last, ties keep the order of office. */
export function inOrder(rows: Ranked[], order: Order): Ranked[] {
  const key = (one: Ranked): number => (order === 'rate' ? (one.row.rate ?? -1) : one.row.counted)
  return [...rows].sort((a, b) => key(b) - key(a))
}
