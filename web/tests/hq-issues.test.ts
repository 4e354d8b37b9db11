import { describe, expect, it, vi } from 'vitest'

vi.hoisted(() => vi.stubGlobal('self', globalThis)) // The doors' client asks where it is.

import { askedOf, byLimit, fitsBoard, metBy, placeOf, type Issue } from '../hq/src/issueList'
import { recordsPage } from '../hq/src/parts/records'
import { namesIn, pieces } from '../hq/src/reportText'
import { homeOf } from '../hq/src/roles'

const issue = (facts: Partial<Issue>): Issue => ({ state: 'in_progress', due_at: null, assign_due_at: '2026-11-01T16:00:00Z', ...facts }) as Issue

describe('a list of problems', () => {
  it('asks for what stands in the address, and for nothing else', () => {
    expect(askedOf({ due: 'overdue', view: 'untaken', q: '', department: ['a'], own_only: 'true' })).toEqual({ due: 'overdue', own_only: 'true' })
  })

  it.each<[string, Parameters<typeof fitsBoard>[0], boolean]>([
    ['everything', {}, true],
    ['some of the columns', { state: 'raised,called' }, true],
    ['what was voided has no column', { state: 'voided' }, false],
    ['what a figure counts is a list', { measure: 'overdue' }, false],
  ])('is a board: %s', (_, asked, fits) => {
    expect(fitsBoard(asked)).toBe(fits)
  })

  it('puts what is due first first, what waits to be assigned by its own limit, and what has none last', () => {
    const rows = [issue({ id: 'none' }), issue({ id: 'late', due_at: '2026-11-20T16:00:00Z' }), issue({ id: 'early', due_at: '2026-11-10T16:00:00Z' }), issue({ id: 'raised', state: 'raised' })]
    expect(byLimit(rows).map((one) => one.id)).toEqual(['raised', 'early', 'late', 'none'])
  })

  it('names where it is, and nothing twice', () => {
    const named = (name: string) => ({ id: name, name })
    expect(placeOf(issue({ project: named('P'), site: named('P'), enterprise: named('E') }))).toBe('P · E')
  })

  it('is the page behind the figures of the statistics', () => {
    expect(recordsPage('/api/hq/v1/issues?measure=overdue&department=a')).toBe('/issues?measure=overdue&department=a')
  })
})

describe('a limit', () => {
  const DUE = '2026-11-22T16:00:00Z'
  const before = Date.parse('2026-11-22T15:59:59Z')
  const over = Date.parse('2026-11-22T16:00:00Z')

  it.each<[string, string | null, string | null, number, string | null]>([
    ['there is none', null, null, before, null],
    ['something was done before it ended', DUE, '2026-11-22T15:59:59Z', over, 'metYes'],
    ['something was done when it had ended', DUE, DUE, over, 'metNo'],
    ['time is left', DUE, null, before, 'metNotYet'],
    ['its time is over at 24:00', DUE, null, over, 'metOver'],
  ])('%s', (_, due, at, now, met) => {
    expect(metBy(due, at, now)).toBe(met)
  })
})

describe('the first page', () => {
  it.each([
    [['headquarters'], '/overview'],
    [['department_officer'], '/issues'],
    [['department_officer', 'unit_office'], '/overview'],
    [['field_staff'], null],
  ])('of %s', (roles, page) => {
    expect(homeOf(roles)).toBe(page)
  })
})

describe('the words of a bulletin', () => {
  const FACTS = { 'thousand.counted': { shown: '412' }, period: { shown: '第42周' } }

  it('are shown with their figures, each told from the words', () => {
    expect(pieces('{period}共{thousand.counted}家', FACTS)).toEqual([
      { text: '第42周', name: 'period', isKnown: true },
      { text: '共', isKnown: true },
      { text: '412', name: 'thousand.counted', isKnown: true },
      { text: '家', isKnown: true },
    ])
  })

  it('keep a name that no figure has as it was typed', () => {
    expect(pieces('{thousand.count}', FACTS)).toEqual([{ text: '{thousand.count}', name: 'thousand.count', isKnown: false }])
  })

  it('name each figure once', () => {
    expect(namesIn('{period} {period} {elapsed} {Not}')).toEqual(['period', 'elapsed'])
  })
})
