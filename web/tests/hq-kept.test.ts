// What is corrected in a kept body, field by field: asked for as a person would, written as the door wants it.
import { describe, expect, it } from 'vitest'
import { changedAt, fieldsAt, shownIn, valueAt, written } from '../hq/src/parts/keptFields'

const BODY = { mode: 'by magic', visited_at: '2026-01-08T01:30:05Z', hosts: [{ name: 'A', phone: 12 }], location: { lat: 'x' } }

describe('the fields that are wrong', () => {
  it('are asked for by what they are', () => {
    const found = fieldsAt(['/mode', '/visited_at', '/hosts/0/phone', '/location/lat', '/enterprise', '/kind'], BODY, 'checkin')
    expect(found.map(({ pointer, way, list }) => [pointer, way, list])).toEqual([
      ['/mode', 'choice', 'mode'],
      ['/visited_at', 'moment', ''],
      ['/hosts/0/phone', 'text', ''],
      ['/location/lat', 'number', ''],
      ['/enterprise/name', 'text', ''],
      ['/kind', 'choice', 'checkin_kind'],
    ])
  })

  it('are left to the original where one input cannot hold them', () => {
    expect(fieldsAt(['', '/hosts', '/hosts/0', '/location', '/photo_ids/0'], { ...BODY, photo_ids: ['a'] }, 'visit')).toEqual([])
  })
})

describe('a value', () => {
  it('is shown by the clock of the office and written with its offset', () => {
    expect(shownIn('moment', BODY.visited_at)).toBe('2026-01-08T09:30:05')
    expect(shownIn('moment', '2026-01-08T09:30:05')).toBe('2026-01-08T09:30:05')
    expect(shownIn('moment', 'yesterday')).toBe('')
    expect(written('moment', '2026-01-08T09:30')).toBe('2026-01-08T09:30:00+08:00')
  })

  it('is a number where the door wants one, and goes where nothing is written', () => {
    expect([written('number', '36.4'), written('text', '36.4'), written('choice', '')]).toEqual([36.4, '36.4', undefined])
  })

  it('is put in its place, and the body given stays as it was', () => {
    const named = changedAt(BODY, '/enterprise/name', 'B')
    expect(valueAt(changedAt(named, '/hosts/0/phone', '0635'), '/hosts/0')).toEqual({ name: 'A', phone: '0635' })
    expect([valueAt(named, '/enterprise'), 'enterprise' in BODY]).toEqual([{ name: 'B' }, false])
    expect('mode' in changedAt(BODY, '/mode', undefined)).toBe(false)
  })
})
