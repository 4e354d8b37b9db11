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

/** Ranks are compared within a group alone. */
export interface RankGroup {
  /** The group's name; empty for units of none. */
  name: string
  rows: Ranked[]
}

/** The rows of each group by themselves; the largest comes first, units of none last. */
export function byGroup(rows: Ranked[]): RankGroup[] {
  const found = new Map<string, Ranked[]>()
  for (const one of rows) {
    const name = one.row.group ?? ''
    found.set(name, [...(found.get(name) ?? []), one])
  }
  return [...found].map(([name, held]) => ({ name, rows: held })).sort((a, b) => Number(!a.name) - Number(!b.name) || b.rows.length - a.rows.length)
}

/** Rows whose ranks may be set side by side: those of the largest group whose targets are not small, else all of them. */
export function comparable(rows: UnitRow[]): UnitRow[] {
  const large = rows.filter((row) => (row.targets.working ?? 0) >= SMALL_TARGET)
  const sizes = new Map<string | null, number>()
  for (const row of large) sizes.set(row.group ?? null, (sizes.get(row.group ?? null) ?? 0) + 1)
  const [most] = [...sizes].sort((a, b) => b[1] - a[1])
  return most ? large.filter((row) => (row.group ?? null) === most[0]) : rows
}

export type Order = 'rate' | 'counted'

/** The best first; units without a target come last, ties keep the order of office. */
export function inOrder(rows: Ranked[], order: Order): Ranked[] {
  const key = (one: Ranked): number => (order === 'rate' ? (one.row.rate ?? -1) : one.row.counted)
  return [...rows].sort((a, b) => key(b) - key(a))
}
