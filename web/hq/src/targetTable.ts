// The targets of a programme as a table to edit: a row a unit, a cell a line's level; and what the units add up to.
import type { Schemas } from '../../shared/api'
import { asTree, type Unit } from './unitList'

export const LINES = ['thousand', 'hundred'] as const
export const LEVELS = ['baseline', 'working', 'striving'] as const
export type Line = (typeof LINES)[number]
export type Level = (typeof LEVELS)[number]
export type Cell = number | null
export type Cells = Record<Line, Record<Level, Cell>>

export interface TargetRow {
  /** Null is the city. */
  unit: string | null
  name: string
  /** Whether it is one of those that add up to the city. */
  adds: boolean
  cells: Cells
}

const none = (): Record<Level, Cell> => ({ baseline: null, working: null, striving: null })

/** The city, the units right below it, and whoever else has a target. */
export function targetRows(units: Unit[], held: Schemas['UnitTargetsOut'][], city: string): TargetRow[] {
  const cells = (unit: string | null): Cells => {
    const made: Cells = { thousand: none(), hundred: none() }
    for (const one of held) if (one.unit_id === unit) made[one.line] = { ...one.targets }
    return made
  }
  const having = new Set(held.map((one) => one.unit_id))
  const top = Math.min(...units.map((one) => one.depth))
  const listed = asTree(units).filter((one) => one.depth === top + 1 || having.has(one.id))
  return [{ unit: null, name: city, adds: false, cells: cells(null) }, ...listed.map((one) => ({ unit: one.id, name: one.name, adds: one.depth === top + 1, cells: cells(one.id) }))]
}

/** What the units right below the city add up to; null when none has that target. */
export function sumOf(rows: TargetRow[], line: Line, level: Level): Cell {
  const set = rows.flatMap((row) => (row.adds && row.cells[line][level] !== null ? [row.cells[line][level] as number] : []))
  return set.length ? set.reduce((a, b) => a + b, 0) : null
}

/** What the sum is above (or, negative, below) the city's own figure; null where one of them is not set. */
export function overCity(rows: TargetRow[], line: Line, level: Level): Cell {
  const sum = sumOf(rows, line, level)
  const city = rows.find((row) => row.unit === null)?.cells[line][level] ?? null
  return sum === null || city === null ? null : sum - city
}

export interface Changed {
  row: number
  line: Line
  targets: Partial<Record<Level, Cell>>
}

/** What was edited, one entry a unit and line, only the levels that differ. */
export function changes(before: TargetRow[], after: TargetRow[]): Changed[] {
  return after.flatMap((row, at) =>
    LINES.flatMap((line) => {
      const targets = Object.fromEntries(LEVELS.filter((level) => row.cells[line][level] !== before[at]?.cells[line][level]).map((level) => [level, row.cells[line][level]]))
      return Object.keys(targets).length ? [{ row: at, line, targets }] : []
    }),
  )
}
