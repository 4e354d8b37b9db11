import { describe, expect, it } from 'vitest'
import { band, choiceOf, type Covered } from '../hq/src/parts/covering'
import { csvOf } from '../hq/src/parts/csv'
import { figure, percent, signed, standing } from '../hq/src/parts/figures'
import { byGroup, comparable, inOrder, mondayOf, ranked, type UnitRow } from '../hq/src/parts/rankings'
import { recordsPage } from '../hq/src/parts/records'
import { path, ticks } from '../hq/src/parts/scales'
import { squarify } from '../hq/src/parts/squarify'
import { course, type Week } from '../hq/src/parts/weeks'
import { dayAfter, dayBefore } from '../shared/format'

describe('records', () => {
  it('opens the page with the very query of the door', () => {
    expect(recordsPage('/api/hq/v1/visits?programme=a&line=thousand&counted=true&first=true&chain=%E8%BD%B4')).toBe(
      '/visits?programme=a&line=thousand&counted=true&first=true&chain=%E8%BD%B4',
    )
    expect(recordsPage('/api/hq/v1/visits')).toBe('/visits')
  })
  it('leads nowhere when there is no list', () => {
    expect(recordsPage(null)).toBeNull()
    expect(recordsPage('/api/hq/v1/unheard-of?x=1')).toBeNull()
  })
})

describe('figures', () => {
  it('are a dash where nothing is known, which is not nought', () => {
    expect([percent(null), figure(null), signed(null)]).toEqual(['—', '—', '—'])
    expect([percent(0), figure(0), signed(0)]).toEqual(['0.0%', '0', '+0.0'])
  })
  it('have their sign and as many digits as help', () => {
    expect([signed(-58.12), signed(10.68), figure(5.75), figure(893.15)]).toEqual(['−58.1', '+10.7', '5.8', '893'])
  })
  it('stand against the pace in words', () => {
    expect([10, 0, -9.9, -10, null].map(standing)).toEqual(['ahead', 'ahead', 'near', 'behind', 'none'])
  })
})

function week(start_on: string, end_on: string, first_counted: number): Week {
  return { start_on, end_on, first_counted, complete: true } as Week
}

describe('the course of a programme', () => {
  const what = { startsOn: '2026-01-01', endsOn: '2026-01-31', target: 310, perWeek: 10 }
  const points = course([week('2026-01-01', '2026-01-05', 3), week('2026-01-05', '2026-01-12', 5)], what)

  it('adds up what is reached and plans every day alike', () => {
    expect(points.map((one) => one.cumulative).slice(0, 3)).toEqual([3, 8, null])
    expect(points.map((one) => one.plan)).toEqual([40, 110, 180, 250, 310])
  })
  it('goes on to the last day with the forecast from where it is', () => {
    expect(points[4]).toMatchObject({ start_on: '2026-01-26', end_on: '2026-02-01', week: null, forecast: 38 })
    expect(points[1]?.forecast).toBe(8)
  })
  it('forecasts nothing where the server does not', () => {
    expect(course([week('2026-01-01', '2026-01-05', 3)], { ...what, perWeek: null }).every((one) => one.forecast === null)).toBe(true)
  })
  it('is empty before its first week', () => {
    expect(course([], what)).toEqual([])
  })
})

describe('ranks', () => {
  const row = (id: string, rank: number | null, counted: number, rate: number | null, working: number | null): UnitRow =>
    ({ unit: { id, name: id, kind: 'county' }, rank, counted, rate, targets: { baseline: null, working, striving: null } }) as UnitRow
  const now = [row('a', 2, 5, 0.5, 10), row('b', 1, 6, 0.9, 6), row('c', null, 9, null, null), row('d', 3, 0, 0, 20)]
  const then = [row('a', 1, 4, 0.4, 10), row('b', 3, 1, 0.1, 6)]

  it('tell how a unit moved, and nothing where a rank is missing', () => {
    expect(ranked(now, then).map((one) => one.moved)).toEqual([-1, 2, null, null])
    expect(ranked(now, null).map((one) => one.gained)).toEqual([null, null, null, null])
    expect(ranked(now, then).map((one) => one.gained)).toEqual([1, 5, 9, 0])
  })
  it('mark small targets and keep zeros', () => {
    expect(ranked(now, then).map((one) => one.isSmall)).toEqual([false, true, false, false])
    expect(inOrder(ranked(now, then), 'rate').map((one) => one.row.unit.id)).toEqual(['b', 'a', 'd', 'c'])
    expect(inOrder(ranked(now, then), 'counted').map((one) => one.row.unit.id)).toEqual(['c', 'b', 'a', 'd'])
  })
  it('compare with the Sunday before', () => {
    expect(['2026-11-22', '2026-11-23'].map((day) => dayBefore(mondayOf(day)))).toEqual(['2026-11-15', '2026-11-22'])
  })
  it('stand in their groups, units of none last', () => {
    const of = (id: string, group: string | null): UnitRow => ({ ...row(id, 1, 1, 0.1, 10), group }) as UnitRow
    const groups = byGroup(ranked([of('x', null), of('a', 'counties'), of('b', 'departments'), of('c', 'counties')], null))
    expect(groups.map((one) => [one.name, one.rows.map(({ row: held }) => held.unit.id)])).toEqual([['counties', ['a', 'c']], ['departments', ['b']], ['', ['x']]])
  })
  it('are set side by side within the largest group of targets that are not small', () => {
    const of = (id: string, group: string, working: number): UnitRow => ({ ...row(id, 1, 1, 0.1, working), group }) as UnitRow
    const rows = [of('a', 'counties', 90), of('b', 'departments', 6), of('c', 'counties', 40), of('d', 'departments', 20), of('e', 'departments', 5)]
    expect(comparable(rows).map((one) => one.unit.id)).toEqual(['a', 'c'])
    expect(comparable([of('b', 'departments', 6)])).toHaveLength(1)
  })
})

describe('days', () => {
  it('go over the ends of months and years', () => {
    expect([dayAfter('2026-12-31'), dayBefore('2026-03-01'), dayBefore(dayAfter('2024-02-28'))]).toEqual(['2027-01-01', '2026-02-28', '2024-02-28'])
  })
})

describe('coverage', () => {
  const cell = (listed: number, coverage: number | null, unit: string | null, chain: string | null): Covered =>
    ({ listed, coverage, unit: unit ? { id: unit, name: unit, kind: 'county' } : null, chain }) as Covered

  it('does not take nothing listed for nothing visited', () => {
    expect([cell(0, null, 'a', null), cell(3, 0, 'a', null), cell(5, 0.4, 'a', null), cell(5, 0.8, 'a', null)].map(band)).toEqual(['none', 'behind', 'near', 'ahead'])
  })
  it('says in the address what was chosen, nobody and nothing too', () => {
    expect(choiceOf(cell(1, 0, 'a', 'x'), 'both')).toEqual({ unit: 'a', chain: 'x', no_chain: null, unassigned: null })
    expect(choiceOf(cell(1, 0, null, null), 'both')).toEqual({ unit: null, chain: null, no_chain: '1', unassigned: '1' })
    expect(choiceOf(cell(1, 0, null, 'x'), 'chain')).toEqual({ unit: null, chain: 'x', no_chain: null, unassigned: null })
  })
})

describe('drawings', () => {
  it('have round ticks of whole numbers', () => {
    expect([ticks(12, 5), ticks(0, 5), ticks(1200, 4)]).toEqual([[0, 3, 6, 9, 12], [0, 1], [0, 500, 1000, 1500]])
  })
  it('leave out what is not known', () => {
    expect(path([1, null, 3], (at) => at, (value) => value)).toBe('0.0,1.0 2.0,3.0')
  })
  it('give each value its share of the area and stay inside', () => {
    const values = [12, 8, 5, 3, 1]
    const boxes = squarify(values, 2.6)
    boxes.forEach((box, at) => expect(box.width * box.height).toBeCloseTo(values[at]! / 29, 6))
    for (const box of boxes) expect(box.left + box.width <= 1.000001 && box.top + box.height <= 1.000001).toBe(true)
  })
})

describe('a table that is taken along', () => {
  it('runs no formula and keeps its commas', () => {
    expect(csvOf(['a', 'b'], [['=1+1', 'x, "y"']])).toBe('\ufeffa,b\r\n\'=1+1,"x, ""y"""\r\n')
  })
})
