import type { VisitRow } from '../m/src/model'
import { readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { sha256Hex } from '../shared/canonical'
import { app, FIELD, newPhone, OTHER, putPhoto, Server, type App } from './support/m-world'

let server: Server
let phone: App

beforeEach(async () => {
  newPhone()
  server = new Server()
  server.serve()
  phone = await app()
  await phone.person.rememberPerson(FIELD)
})

const row = (n: number, change: object = {}) => ({
  id: `e${n}`, name: `第${n}轴承有限公司`, short_name: null, aliases: [], initials: `D${n}ZCYXGS`, credit_code: `91370000${n}`, kind: 'enterprise',
  country: null, province: null, city: '聊城市', address: null, industry: null, chain: null, well_known: false, top500: [], group_id: null,
  target_lists: [], responsible_unit_id: null, latitude: null, longitude: null, ...change,
})
const put = (type: string, id: string, data: unknown, rev: number | null = null) => ({ type, id, op: 'upsert', rev, data })

const original = JSON.stringify

describe('an open form', () => {
  it('is on the disk within 200 ms of a change, and comes back after the page was killed', async () => {
    const form = phone.bodies.newVisit(FIELD.id)
    const keeper = phone.drafts.keepDraft(() => form)
    form.summary = '谈到一半'
    keeper.changed()
    await vi.waitFor(async () => expect(await phone.drafts.loadDraft(form.id)).toMatchObject({ summary: '谈到一半' }), { timeout: 400, interval: 20 })
    const again = await app()
    expect((await again.drafts.openDrafts(FIELD.id)).map((one) => one.id)).toEqual([form.id])
    expect(await again.drafts.openDrafts(OTHER.id)).toEqual([])
  })

  it('begins to write a change at once, and writes no more than one state every 150 ms', async () => {
    const form = phone.bodies.newVisit(FIELD.id)
    const keeper = phone.drafts.keepDraft(() => form)
    await phone.drafts.saveDraft(form)
    const states: string[] = []
    const stringify = vi.spyOn(JSON, 'stringify').mockImplementation((value, ...how) => {
      if (value === form) states.push(form.summary)
      return original(value, ...how)
    })
    for (const letter of '登门拜访') {
      form.summary += letter
      keeper.changed()
      await new Promise((done) => setTimeout(done, 5))
    }
    expect(states).toEqual(['登'])
    await vi.waitFor(() => expect(states).toEqual(['登', '登门拜访']))
    stringify.mockRestore()
    await keeper.close()
  })

  it('is flushed before the camera opens, with the very last letter', async () => {
    const form = phone.bodies.newCheckin(FIELD.id)
    const keeper = phone.drafts.keepDraft(() => form)
    keeper.changed()
    form.note = '最后一个字'
    await keeper.flush()
    expect(await phone.drafts.loadDraft(form.id)).toMatchObject({ note: '最后一个字' })
  })

  it('does not come back when it was handed in while it was being written', async () => {
    const form = { ...phone.bodies.newVisit(FIELD.id), free: { name: 'A', credit_code: '', kind: '', city: '' } }
    const keeper = phone.drafts.keepDraft(() => form)
    void keeper.flush()
    await keeper.close()
    await phone.outbox.keepVisit(form)
    keeper.changed()
    await keeper.flush()
    expect(await phone.drafts.loadDraft(form.id)).toBeNull()
  })

  it('has the photo that was taken in the moment in which the phone died', async () => {
    const form = phone.bodies.newVisit(FIELD.id)
    await phone.drafts.saveDraft(form)
    const photo = await putPhoto(phone, form.id, 10)
    expect(await (await app()).drafts.loadDraft(form.id)).toMatchObject({ photo_ids: [photo.id] })
  })

  it('that is given up takes its photos with it, and those of other forms stay', async () => {
    const form = phone.bodies.newVisit(FIELD.id)
    const mine = await putPhoto(phone, form.id, 10)
    const others = await putPhoto(phone, 'another', 10)
    await phone.drafts.saveDraft(form)
    await phone.drafts.dropDraft(form.id)
    expect(await phone.photos.photoBlob(mine.id)).toBeNull()
    expect((await phone.photos.photoBlob(others.id))!.size).toBe(10)
  })
})

describe('the feed', () => {
  it('is kept page by page with its cursor, in its order, and goes on where it was', async () => {
    server.changes = [put('enterprise', 'e1', row(1)), put('enterprise', 'e2', row(2)), { type: 'enterprise', id: 'e1', op: 'delete', rev: null, data: null }]
    expect((await phone.sync.flush('person')).pulled).toBe(3)
    expect((await phone.pull.pulledRows<{ id: string }>('enterprise')).map((one) => one.id)).toEqual(['e2'])
    server.changes.push(put('site', 's1', { id: 's1', name: 'S' }))
    expect((await phone.sync.flush('person')).pulled).toBe(1)
  })

  it('goes on after the page at which the line broke', async () => {
    server.changes = [1, 2, 3, 4, 5].map((n) => put('enterprise', `e${n}`, row(n)))
    let pages = 0
    server.trick = (asked) => {
      if (!asked.path.startsWith('/api/v1/sync/changes')) return null
      pages += 1
      if (pages === 2) throw new TypeError('the line broke')
      return null
    }
    await phone.sync.flush('person')
    expect(await phone.pull.pulledRows('enterprise')).toHaveLength(2)
    await phone.sync.flush('person')
    expect(await phone.pull.pulledRows('enterprise')).toHaveLength(5)
    expect(pages).toBe(4)
  })

  it('begins anew at a 410, shows old rows meanwhile, drops what is gone, and touches nothing unsent', async () => {
    server.changes = [1, 2, 3].map((n) => put('enterprise', `e${n}`, row(n)))
    await phone.sync.flush('person')
    await phone.outbox.keepVisit({ ...phone.bodies.newVisit(FIELD.id), free: { name: 'A', credit_code: '', kind: '', city: '' } })
    server.epoch = 2
    server.changes = [3, 4, 5].map((n) => put('enterprise', `e${n}`, row(n)))
    const seen: number[] = []
    server.trick = async (asked) => {
      if (asked.path.startsWith('/api/v1/sync/push')) throw new TypeError('the line broke')
      if (asked.path.startsWith('/api/v1/sync/changes')) seen.push((await phone.pull.pulledRows('enterprise')).length)
      return null
    }
    expect((await phone.sync.flush('person')).faults).toMatchObject({ cursor_expired: 1 })
    expect(Math.min(...seen)).toBe(3)
    expect((await phone.pull.pulledRows<{ id: string }>('enterprise')).map((one) => one.id)).toEqual(['e3', 'e4', 'e5'])
    expect((await phone.entries.outboxStatus(FIELD.id)).records).toBe(1)
  })

  it('is read again in another language, and a page of the old one that comes late is not taken in', async () => {
    server.changes = [1, 2, 3].map((n) => put('enterprise', `e${n}`, row(n)))
    let isChanged = false
    const languages: (string | null)[] = []
    server.trick = async (asked) => {
      if (!asked.path.startsWith('/api/v1/sync/changes')) return null
      languages.push(asked.headers.get('Accept-Language'))
      if (!isChanged) {
        isChanged = true
        expect(await phone.pull.readIn('en')).toBe(true)
      }
      return null
    }
    await phone.sync.flush('person')
    await phone.sync.flush('person')
    expect([languages[0], languages[languages.length - 1]]).toEqual(['zh-CN', 'en'])
    expect(await phone.pull.pulledRows('enterprise')).toHaveLength(3)
    expect(await phone.pull.readIn('en')).toBe(false)
  })

  it('ends the phone’s own question about a body that headquarters has decided', async () => {
    const id = await phone.outbox.keepVisit({ ...phone.bodies.newVisit(FIELD.id), free: { name: 'A', credit_code: '', kind: '', city: '' }, mode: 'by_balloon' as never })
    await phone.sync.flush('person')
    const { sha256 } = server.kept[0]!
    server.changes = [put('kept', 'k1', { id: 'k1', record_id: id, sha256, settled_at: '2026-11-22T00:00:00Z' })]
    await phone.sync.flush('person')
    expect((await phone.entries.entriesOf(FIELD.id)).map((one) => one.state)).toEqual(['settled'])
  })

  it('brings returned records with their reason, until they are mended here', async () => {
    const visit = { id: 'v1', rev: 2, review_state: 'returned', review_reason: '照片不清', visited_at: '2026-03-01T01:30:00Z', enterprise_id: null, enterprise: { name: 'A' }, enterprise_name: 'A', visitor_id: FIELD.id, recorded_by: FIELD.id, photo_ids: [], mode: 'door_to_door' }
    server.changes = [put('visit', 'v1', visit, 2)]
    await phone.sync.flush('person')
    const [returned] = await phone.roster.returned()
    expect(returned).toMatchObject({ review_reason: '照片不清' })
    const { visitAgain } = await import('../m/src/mending')
    await phone.outbox.keepVisit(visitAgain(returned as VisitRow, FIELD.id))
    expect(await phone.roster.returned()).toEqual([])
  })

  it('of another person on the same phone starts from nothing, and what waits stays', async () => {
    server.changes = [put('enterprise', 'e1', row(1))]
    await phone.sync.flush('person')
    await phone.outbox.keepVisit({ ...phone.bodies.newVisit(FIELD.id), free: { name: 'A', credit_code: '', kind: '', city: '' } })
    await phone.person.rememberPerson(OTHER)
    expect(await phone.pull.pulledRows('enterprise')).toEqual([])
    expect((await phone.entries.outboxStatus(OTHER.id)).others).toBe(1)
  })
})

describe('the register', () => {
  it('is searched by name, alias, initials and credit code, recent ones first', async () => {
    server.pageRows = 100
    server.changes = [
      put('enterprise', 'a', row(1, { id: 'a', name: '聊城新科轴承（集团）有限公司', initials: 'LCXKZC' })),
      put('enterprise', 'b', row(2, { id: 'b', name: '新科', initials: 'XK', aliases: [{ name: '老轴承厂', initials: 'LZCC' }] })),
      put('last_visit', 'b', { enterprise_id: 'b', visited_on: '2026-11-20', unit: { id: 'u', name: '冠县' }, visitor: { id: 'x', name: '唐' } }),
    ]
    await phone.sync.flush('person')
    const ids = async (query: string) => (await phone.roster.searchEnterprises(query)).map((one) => one.enterprise.id)
    expect(await ids('新科')).toEqual(['b', 'a'])
    expect(await ids('(集团)')).toEqual(['a'])
    expect(await ids('lcxk')).toEqual(['a'])
    expect(await ids('９１３７００００2')).toEqual(['b'])
    expect((await phone.roster.searchEnterprises('老轴承'))[0]).toMatchObject({ alias: '老轴承厂', last: { unit: { name: '冠县' } } })
    await phone.roster.noteRecent('a')
    expect(await ids('新科')).toEqual(['a', 'b'])
    expect(await ids('')).toEqual(['a'])
    expect(await phone.roster.lastVisit('b')).toMatchObject({ visited_on: '2026-11-20' })
  })

  it('answers within 50 ms at 10,000 enterprises', async () => {
    const open = await phone.db.db()
    const write = open.transaction('pulled', 'readwrite')
    for (let n = 0; n < 10_000; n += 1) void write.store.put({ type: 'enterprise', id: `e${n}`, rev: 1, data: row(n), generation: 0 })
    await write.done
    await phone.roster.warm()
    const times = []
    for (const query of ['9999', '轴承', 'zcyx', '9137', '没有', '第12', 'd55', '有限公司', '1', '公']) {
      const before = performance.now()
      await phone.roster.searchEnterprises(query)
      times.push(performance.now() - before)
    }
    console.info(`search among 10,000: median ${times.sort((a, b) => a - b)[5]!.toFixed(1)} ms, slowest ${times[9]!.toFixed(1)} ms`)
    expect(times[5]).toBeLessThan(50)
  })

  it('names the unit’s targets that nobody has visited, and sites by nearness', async () => {
    server.pageRows = 100
    const fence = (lat: number) => ({ kind: 'circle', datum: 'wgs84', centre: { lat, lng: 116 }, radius_m: 300, corners: null })
    server.changes = [
      put('enterprise', 'a', row(1, { id: 'a', responsible_unit_id: 'u1' })),
      put('enterprise', 'b', row(2, { id: 'b', target_lists: [{ list_id: 'l', unit_id: 'u1' }] })),
      put('last_visit', 'a', { enterprise_id: 'a', visited_on: '2026-11-20', unit: {}, visitor: {} }),
      put('site', 'far', { id: 'far', name: 'far', fence: fence(37) }),
      put('site', 'near', { id: 'near', name: 'near', fence: fence(36.001) }),
    ]
    await phone.sync.flush('person')
    expect((await phone.roster.toVisit('u1')).map((one) => one.enterprise.id)).toEqual(['b'])
    const sites = await phone.roster.sitesNear({ lat: 36, lng: 116, datum: 'wgs84', source: 'gps' })
    expect(sites.map((one) => [one.site.id, one.isInside])).toEqual([['near', true], ['far', false]])
  })
})

describe('the app', () => {
  it('calls itself by the release it comes with', async () => {
    const release = /__version__ = "([^"]+)"/.exec(readFileSync(new URL('../../service/__init__.py', import.meta.url), 'utf-8'))![1]
    expect((await import('../m/src/device')).APP_VERSION).toBe(release)
  })

  it('says what a plain-HTTP address takes away, and goes on without it', async () => {
    Object.assign(globalThis, { isSecureContext: false })
    const { missing } = await import('../m/src/device')
    expect(missing()).toEqual(expect.arrayContaining(['secure', 'worker', 'position', 'persist']))
    const { locate } = await import('../m/src/locate')
    expect(await locate()).toMatchObject({ place: null, none: 'insecure' })
  })
})

describe('the backup', () => {
  /** As any archive tool reads it: from the directory at the end. */
  function unzipped(bytes: Uint8Array): Map<string, Uint8Array> {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const end = bytes.length - 22
    expect(view.getUint32(end, true)).toBe(0x06054b50)
    const files = new Map<string, Uint8Array>()
    let at = view.getUint32(end + 16, true)
    for (let n = view.getUint16(end + 10, true); n > 0; n -= 1) {
      expect(view.getUint32(at, true)).toBe(0x02014b50)
      const [size, nameLength, local] = [view.getUint32(at + 24, true), view.getUint16(at + 28, true), view.getUint32(at + 42, true)]
      const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength))
      const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
      expect(view.getUint32(local, true)).toBe(0x04034b50)
      files.set(name, bytes.slice(start, start + size))
      at += 46 + nameLength
    }
    return files
  }

  it('holds everything unsent as it was frozen, with the hash of each part', async () => {
    const form = { ...phone.bodies.newVisit(FIELD.id), free: { name: '新科', credit_code: '', kind: '', city: '' } }
    const photo = await putPhoto(phone, form.id, 5000)
    await phone.outbox.keepVisit({ ...form, photo_ids: [photo.id] })
    await phone.drafts.saveDraft(phone.bodies.newCheckin(FIELD.id))
    const { backup } = await import('../m/src/backup')
    const made = (await backup(FIELD.id))!
    expect(made).toMatchObject({ records: 1, photos: 1 })
    const files = unzipped(new Uint8Array(await made.file.arrayBuffer()))
    const manifest = JSON.parse(new TextDecoder().decode(files.get('manifest.json'))) as { files: { name: string; sha256: string }[]; records: { file: string; type: string; sha256: string }[] }
    expect(manifest.files).toHaveLength(files.size - 1)
    for (const one of manifest.files) expect(sha256Hex(files.get(one.name)!)).toBe(one.sha256)
    const record = manifest.records.find((one) => one.type === 'visit')!
    expect(sha256Hex(files.get(record.file)!)).toBe(record.sha256)
    expect(files.get(`photos/${photo.id}.jpg`)).toHaveLength(5000)
    expect(await backup(OTHER.id)).toBeNull()
  })
})
