import { describe, expect, it, vi } from 'vitest'

vi.hoisted(() => vi.stubGlobal('self', globalThis)) // The doors' client asks where it is.

import { changes, overCity, sumOf, targetRows } from '../hq/src/targetTable'
import type { Unit } from '../hq/src/unitList'

const unit = (id: string, parent_id: string | null, depth: number, position = 0): Unit => ({
  id, parent_id, depth, position, name: id, short_name: id, kind: 'county', comparison_group: null, division_code: null, valid_from: '2026-01-01', valid_until: null,
})
const UNITS = [unit('town', 'b', 2), unit('b', 'city', 1, 2), unit('a', 'city', 1, 1), unit('city', null, 0)]
const held = (unit_id: string | null, working: number) => ({ unit_id, line: 'thousand' as const, targets: { baseline: null, working, striving: null } })

describe('the table of targets', () => {
  it('shows the city, the units right below it in their order, and whoever else has a target', () => {
    expect(targetRows(UNITS, [held(null, 10)], 'All').map((row) => row.name)).toEqual(['All', 'a', 'b'])
    expect(targetRows(UNITS, [held('town', 3)], 'All').map((row) => row.name)).toEqual(['All', 'a', 'b', 'town'])
  })

  it('adds up the units right below the city, and not those below them', () => {
    const rows = targetRows(UNITS, [held(null, 10), held('a', 4), held('b', 5), held('town', 3)], 'All')
    expect(sumOf(rows, 'thousand', 'working')).toBe(9)
    expect(overCity(rows, 'thousand', 'working')).toBe(-1)
  })

  it('compares nothing where one side has no target', () => {
    const rows = targetRows(UNITS, [held('a', 4)], 'All')
    expect([sumOf(rows, 'hundred', 'working'), overCity(rows, 'thousand', 'working')]).toEqual([null, null])
  })

  it('sends only what was edited, an emptied cell as none', () => {
    const before = targetRows(UNITS, [held('a', 4)], 'All')
    const after = JSON.parse(JSON.stringify(before)) as typeof before
    after[1]!.cells.thousand.working = null
    after[2]!.cells.hundred.baseline = 7
    expect(changes(before, after)).toEqual([
      { row: 1, line: 'thousand', targets: { working: null } },
      { row: 2, line: 'hundred', targets: { baseline: 7 } },
    ])
  })
})
