import { describe, expect, it } from 'vitest'
import { freeze, inWan, lacking, newCheckin, newVisit, checkinBody, visitBody } from '../m/src/bodies'
import { fromSite, metresBetween } from '../m/src/locate'
import { heldAgain, visitAgain } from '../m/src/mending'
import type { OutboxRow, SiteRow, VisitRow } from '../m/src/model'
import { canonical, md5Hex, sha256Hex } from '../shared/canonical'
import { uuid7 } from '../shared/uuid'

const ME = '01900000-0000-7000-8000-000000000001'

describe('canonical JSON', () => {
  it('writes the example of RFC 8785, 3.2.2', () => {
    const value = {
      numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"\/',
      literals: [null, true, false],
    }
    expect(canonical(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  it('sorts names by their UTF-16 units, as 3.2.3 wants it', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 }
    expect(Object.keys(JSON.parse(canonical(value)) as object).filter((name) => name !== '1')).toEqual(['\r', '\u0080', 'ö', '€', '😀', '\ufb33'])
    expect(canonical(value).indexOf('"1"')).toBeLessThan(canonical(value).indexOf('ö'))
  })

  it.each([
    [0, '0'],
    [-0, '0'],
    [5e-324, '5e-324'],
    [-1.7976931348623157e308, '-1.7976931348623157e+308'],
    [9007199254740992, '9007199254740992'],
    [295147905179352830000, '295147905179352830000'],
    [1e21, '1e+21'],
    [9.999999999999997e22, '9.999999999999997e+22'],
    [1e-7, '1e-7'],
    [0.000001, '0.000001'],
    [333333333.33333325, '333333333.33333325'],
    [1424953923781206.2, '1424953923781206.2'],
  ])('writes the number %d of appendix B', (number, text) => {
    expect(canonical(number)).toBe(text)
  })

  it('leaves out what is not there, and hashes as everybody does', () => {
    expect(canonical({ b: undefined, a: [undefined, 1] })).toBe('{"a":[null,1]}')
    expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(md5Hex(new TextEncoder().encode('abc'))).toBe('900150983cd24fb0d6963f7d28e17f72')
  })
})

describe('a frozen body', () => {
  it('has no base_rev, and refuses what has no canonical form', () => {
    expect(freeze({ a: 1, base_rev: 3 }).text).toBe('{"a":1}')
    for (const bad of [{ a: Number.NaN }, { a: 2 ** 53 }, { a: ['\ud800'] }, { a: 'x\udc00' }, { a: 'nul\u0000' }]) {
      expect(() => freeze(bad)).toThrow(RangeError)
    }
    expect(() => freeze({ a: '😀' })).not.toThrow()
  })
})

describe('a UUID of version 7', () => {
  it('is sorted by time, marked as version 7, and never the same twice', () => {
    const at = Date.parse('2026-11-22T01:02:03.004Z')
    const one = uuid7(at)
    expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(parseInt(one.replace('-', '').slice(0, 12), 16)).toBe(at)
    expect(uuid7(at + 1) > one).toBe(true)
    expect(new Set(Array.from({ length: 1000 }, () => uuid7(at))).size).toBe(1000)
  })
})

describe('an amount', () => {
  it.each([
    ['1.2', 'yi', '12000'],
    ['12,000', 'wan', '12000'],
    ['0.5', 'wan', '0.5'],
    ['007', 'wan', '7'],
    ['0.00012', 'yi', '1.2'],
    ['', 'yi', ''],
    ['1.23456', 'wan', null],
    ['a lot', 'wan', null],
    ['-3', 'wan', null],
  ] as const)('of %s %s is %s 万元', (typed, unit, wan) => {
    expect(inWan(typed, unit)).toBe(wan)
  })
})

describe('a form', () => {
  it('becomes a body without anything that was left empty', () => {
    const draft = { ...newVisit(ME, new Date('2026-11-22T01:30:00Z')), free: { name: ' 新科轴承 ', credit_code: '', kind: '', city: '' } }
    expect(JSON.parse(freeze(visitBody(draft, new Date('2026-11-22T02:05:00Z'))).text)).toEqual({
      enterprise: { name: '新科轴承' },
      visited_at: '2026-11-22T09:30:00+08:00',
      mode: 'door_to_door',
      participants: [],
      hosts: [],
      photo_ids: [],
      captured_at: '2026-11-22T10:05:00+08:00',
    })
  })

  it('of a check-in sends its position only when the person lets it', () => {
    const fix = { place: { lat: 36.4, lng: 116, datum: 'wgs84' as const, accuracy_m: 12, source: 'gps' as const }, at: '', none: null }
    const draft = { ...newCheckin(ME), site_id: ME, fix, percent: 62.5 }
    expect(checkinBody(draft)).toMatchObject({ location: { lat: 36.4 }, progress: { percent: 62.5, text: null } })
    expect(checkinBody({ ...draft, withoutPlace: true }).location).toBeUndefined()
  })

  it('says which fields are lacking', () => {
    expect(lacking({ ...newVisit(ME), visited_at: '', amount: 'x' })).toEqual(['enterprise', 'visited_at', 'amount'])
    expect(lacking(newCheckin(ME))).toEqual(['site_id'])
  })

  it('opens again from a returned record, and makes the same body', () => {
    const body = {
      enterprise_id: ME, visited_at: '2026-03-01T01:30:00Z', mode: 'reception', hosts: [{ name: '周婷', title: '秘书长' }],
      participants: [{ name: '陈海涛' }], amount_wan: '12000', intention: 'interested', photo_ids: [ME], summary: '谈',
      next_on: '2026-04-01', joint_units: [], led_by: { name: '王' }, location: { lat: 1, lng: 2, datum: 'gcj02', source: 'gps' },
    }
    const row = { ...body, id: ME, rev: 2, enterprise_name: 'A', visitor_id: ME, recorded_by: ME, enterprise: null } as unknown as VisitRow
    const draft = visitAgain(row, ME)
    expect(draft).toMatchObject({ editsRev: 2, isEdit: true, visited_at: '2026-03-01T09:30', visitor_id: null })
    expect(visitBody(draft)).toMatchObject({ ...body, visited_at: '2026-03-01T09:30:00+08:00', joint_units: undefined })
  })

  it('of what is held stands on what the server has, and bears any nonsense where a time should be', () => {
    const held = { id: ME, author_id: ME, type: 'visit', text: '{"visited_at":"yesterday"}', title: 'A', lastProblem: { conflict: { server_rev: 4 } }, receipt: null, decidedRev: null }
    expect(heldAgain(held as unknown as OutboxRow)).toMatchObject({ visited_at: '', editsRev: 4, enterprise_name: 'A' })
  })
})

describe('a distance', () => {
  const site = (fence: Partial<SiteRow['fence']>) => ({ fence: { kind: 'circle', datum: 'wgs84', centre: null, radius_m: null, corners: null, ...fence } }) as SiteRow
  const place = { lat: 36.4547, lng: 116.0186, datum: 'wgs84' as const, source: 'gps' as const }

  it('is in metres on the ground', () => {
    expect(metresBetween({ lat: 36, lng: 116 }, { lat: 37, lng: 116 })).toBeCloseTo(111_195, -1)
  })

  it('from a site says whether it is inside the fence, round or cornered', () => {
    expect(fromSite(site({ centre: { lat: 36.4549, lng: 116.0189 }, radius_m: 100 }), place)).toMatchObject({ isInside: true })
    expect(fromSite(site({ centre: { lat: 36.4649, lng: 116.0189 }, radius_m: 100 }), place)).toMatchObject({ isInside: false })
    const corners = [[36.45, 116.01], [36.45, 116.03], [36.46, 116.03], [36.46, 116.01]].map(([lat, lng]) => ({ lat: lat!, lng: lng! }))
    expect(fromSite(site({ kind: 'polygon', corners }), place)).toMatchObject({ isInside: true })
  })

  it('minds that Chinese maps are drawn some 500 m aside', () => {
    const shifted = fromSite(site({ datum: 'gcj02', centre: place, radius_m: 100 }), place)!
    expect(shifted.metres).toBeGreaterThan(450)
    expect(shifted.metres).toBeLessThan(560)
    expect(fromSite(site({ datum: 'bd09', centre: place, radius_m: 100 }), place)!.metres).toBeGreaterThan(800)
  })
})
