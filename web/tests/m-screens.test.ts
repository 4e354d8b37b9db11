// What the screens decide by themselves: words with places in them, and what an item of the outbox is called.
import { createApp } from 'vue'
import { describe, expect, it } from 'vitest'
import { createI18n } from '../m/src/i18n'
import { isTouched, pathOf, titleOf } from '../m/src/parts/form'
import { inOrder, lightOf, until, waiting } from '../m/src/parts/issues'
import { photoBytes, shownState, type Shown } from '../m/src/parts/states'
import { newAnswer, newCheckin, newIssue, newVisit } from '../m/src/bodies'
import type { IssueCard, OutboxEntry, PhotoProgress } from '../m/src/model'
import type { Problem } from '../shared/problem'

const PROBLEM: Problem = { title: 'busy', status: 503, code: 'busy' }

function entry(state: OutboxEntry['state'], photos: PhotoProgress['state'][] = [], problem: Problem | null = null): OutboxEntry {
  return {
    row: { lastProblem: problem } as OutboxEntry['row'],
    state,
    body: {},
    photos: photos.map((one, at) => ({ id: String(at), state: one, sentBytes: 40, size: 100, problem: null })),
    waitsMs: 0,
    isLate: false,
  }
}

describe('the state of an item', () => {
  it.each<[string, OutboxEntry, boolean, Shown]>([
    ['it waits before anything was tried', entry('waiting'), false, 'waiting'],
    ['it has failed once something was said against it', entry('waiting', [], PROBLEM), false, 'failed'],
    ['it is being sent while one of its photos is', entry('sent', ['sent', 'sending']), false, 'sending'],
    ['it has not arrived before its last photo has', entry('sent', ['sent', 'waiting']), false, 'waiting'],
    ['it has arrived with all its photos', entry('sent', ['sent', 'sent']), false, 'sent'],
    ['it is returned only after it has arrived', entry('sent', ['sent']), true, 'returned'],
    ['it needs its author when one photo does', entry('sent', ['held']), false, 'held'],
    ['it needs its author before anything else', entry('held', ['sending']), true, 'held'],
    ['it was replaced by an edit', entry('replaced'), false, 'replaced'],
  ])('%s', (_, item, isReturned, shown) => {
    expect(shownState(item, isReturned)).toBe(shown)
  })

  it('counts the bytes that have arrived', () => {
    expect(photoBytes(entry('sent', ['sent', 'sending']))).toEqual({ done: 140, all: 200, count: 2, arrived: 1 })
  })
})

describe('words', () => {
  const i18n = createI18n({ locale: 'zh-CN', fallbackLocale: 'zh-CN', messages: { 'zh-CN': { a: { b: '还有 {n} 条', only: '只有中文' } }, en: { a: { b: '{n} left' } } } })

  it('puts what is named into its place', () => {
    expect(i18n.global.t('a.b', { n: 3 })).toBe('还有 3 条')
  })

  it('speaks the other language, and Chinese where that has no word', () => {
    i18n.global.locale.value = 'en'
    expect([i18n.global.t('a.b', { n: 3 }), i18n.global.t('a.only'), i18n.global.t('a.none')]).toEqual(['3 left', '只有中文', 'a.none'])
  })

  it('is handed to the whole app', () => {
    expect(() => createApp({}).use(i18n)).not.toThrow()
  })
})

describe('a form', () => {
  it('is not offered as unfinished before anything was put into it', () => {
    expect([isTouched(newVisit('p')), isTouched(newCheckin('p'))]).toEqual([false, false])
  })

  it('is offered once it holds a photo, a name or a note', () => {
    expect(isTouched({ ...newCheckin('p'), photo_ids: ['x'] })).toBe(true)
    expect(isTouched({ ...newVisit('p'), enterprise_id: 'e' })).toBe(true)
    expect(isTouched({ ...newCheckin('p'), note: '停电' })).toBe(true)
    expect(isTouched({ ...newCheckin('p'), category: 'power', call: ['u'] })).toBe(true)
  })

  it('of a problem, or of what is done about one, is offered once there are words', () => {
    const answer = newAnswer('p', { id: 'i', title: '一号工地' }, 'reply')
    expect([isTouched({ ...newIssue('p'), site_id: 's' }), isTouched(answer)]).toEqual([false, false])
    expect([isTouched({ ...newIssue('p'), text: '停电' }), isTouched({ ...answer, text: '已派人' })]).toEqual([true, true])
  })

  it('is gone on with where it was begun, under the name of its place', () => {
    const answer = newAnswer('p', { id: 'i', title: '一号工地' }, 'reply')
    const issue = { ...newIssue('p'), id: 'x', enterprise_name: '新科轴承' }
    expect([answer, issue].map((one) => [pathOf(one), titleOf(one)])).toEqual([
      ['/issues/i', '一号工地'],
      ['/issue/x', '新科轴承'],
    ])
  })
})

describe('a problem in the list', () => {
  const row = (id: string, change: object = {}): IssueCard =>
    ({ id, state: 'in_progress', may: [], due_at: null, assign_due_at: '2026-11-22T16:00:00Z', raised_at: '2026-11-20T00:00:00Z', light: null, ...change }) as unknown as IssueCard

  it('comes first when it wants something of this person, then by its limit, the closed ones last', () => {
    const rows = [
      row('closed', { state: 'closed' }),
      row('later', { due_at: '2026-12-01T16:00:00Z' }),
      row('sooner', { due_at: '2026-11-24T16:00:00Z' }),
      row('mine', { state: 'resolved', may: ['confirm', 'reopen'] }),
    ]
    expect(inOrder(rows).map((one) => one.id)).toEqual(['mine', 'sooner', 'later', 'closed'])
  })

  it('is red once its limit is over, though nobody has told the phone since', () => {
    const green = { light: 'green', text: '还剩 7 天', working_days: 5, certain: true }
    expect(lightOf(row('a', { light: green, due_at: '2999-01-01T00:00:00Z' }))).toEqual({ light: 'green', text: '还剩 7 天' })
    expect(lightOf(row('b', { light: green, due_at: '2020-01-01T00:00:00Z' }))).toEqual({ light: 'red', text: null })
    expect(lightOf(row('c', { due_at: '2020-01-01T00:00:00Z' }))).toBeNull()
  })

  it('is counted by what it wants', () => {
    const red = { light: 'red', text: '超期 1 天', working_days: 1, certain: true }
    expect(waiting([row('a', { may: ['report_in', 'reply'] }), row('b', { may: ['confirm'] }), row('c', { light: red })])).toEqual({ confirm: 1, reportIn: 1, red: 1 })
  })

  it('is due at the end of a day, not at the beginning of the next', () => {
    expect(until('2026-11-22T16:00:00Z')).toBe('2026-11-22 24:00')
    expect(until('2026-11-22T04:30:00Z')).toBe('2026-11-22 12:30')
  })
})
