import { beforeEach, describe, expect, it, vi } from 'vitest'
import { canonical, sha256Hex } from '../shared/canonical'
import { app, FIELD, json, Killed, newPhone, OTHER, problem, putPhoto, rowsOf, Server, watchSteps, type App } from './support/m-world'

let server: Server
let phone: App

async function visit(on: App, change: Record<string, unknown> = {}) {
  return { ...on.bodies.newVisit(FIELD.id), free: { name: '新科轴承有限公司', credit_code: '', kind: '', city: '' }, summary: '谈轴承', ...change }
}

async function start(): Promise<App> {
  const up = await app()
  await up.person.rememberPerson(server.signedIn ?? FIELD)
  return up
}

beforeEach(async () => {
  newPhone()
  server = new Server()
  server.serve()
  phone = await start()
})

describe('the outbox', () => {
  it('keeps a visit, sends it, and counts it as sent by its own receipt', async () => {
    const id = await phone.outbox.keepVisit(await visit(phone))
    const round = await phone.sync.flush('person')
    const [row] = await rowsOf(phone)
    expect(round).toMatchObject({ sent: 1, faults: {}, stopped: null, isReported: true })
    expect(row).toMatchObject({ id, state: 'sent' })
    expect(row!.receipt!.sha256).toBe(sha256Hex(row!.text))
    expect(server.records.get(id)!.revs[0]!.body.summary).toBe('谈轴承')
  })

  it('sends the very text that was frozen, with the author beside it', async () => {
    await phone.outbox.keepVisit(await visit(phone))
    const [row] = await rowsOf(phone)
    await phone.sync.flush('person')
    const sent = server.log.find((one) => one.path === '/api/v1/sync/push')!.body
    expect(sent).toContain(`"body":${row!.text}`)
    expect(sent).toContain(`"author_id":"${FIELD.id}"`)
    expect(canonical(JSON.parse(row!.text))).toBe(row!.text)
  })

  it('sends again when the answer was lost, and doubles nothing', async () => {
    const id = await phone.outbox.keepVisit(await visit(phone))
    server.trick = async (asked, serve) => {
      if (asked.path !== '/api/v1/sync/push') return null
      await serve()
      throw new TypeError('the line broke')
    }
    expect((await phone.sync.flush('person')).faults).toMatchObject({ no_answer: 1 })
    expect((await rowsOf(phone))[0]!.state).toBe('waiting')
    server.trick = () => null
    expect((await phone.sync.flush('person')).sent).toBe(1)
    expect(server.records.get(id)!.revs).toHaveLength(1)
  })

  it('believes no log-in page that comes with 200', async () => {
    await phone.outbox.keepVisit(await visit(phone))
    server.trick = () => new Response('<html>Welcome to the hotel</html>', { status: 200, headers: { 'Content-Type': 'text/html' } })
    await phone.sync.flush('person')
    expect((await rowsOf(phone))[0]!.state).toBe('waiting')
  })

  it('keeps what got a wrong receipt, and says so', async () => {
    await phone.outbox.keepVisit(await visit(phone))
    server.trick = async (asked, serve) => {
      if (asked.path !== '/api/v1/sync/push') return null
      const told = (await (await serve()).json()) as { results: { receipt: { sha256: string } }[] }
      told.results[0]!.receipt.sha256 = '0'.repeat(64)
      return json(told)
    }
    await phone.sync.flush('person')
    expect((await rowsOf(phone))[0]).toMatchObject({ state: 'waiting', receipt: null, lastProblem: { code: 'not_our_receipt' } })
    server.trick = () => null
    await phone.sync.flush('person')
    expect((await rowsOf(phone))[0]!.state).toBe('sent')
  })

  it('shows what is quarantined with its faults, and lets an edit mend it', async () => {
    const id = await phone.outbox.keepVisit(await visit(phone, { mode: 'by_balloon' }))
    const good = await phone.outbox.keepVisit(await visit(phone))
    expect((await phone.sync.flush('person')).held).toBe(1)
    const held = (await rowsOf(phone)).find((row) => row.id === id)!
    expect(held).toMatchObject({ state: 'held', heldBecause: 'quarantined', lastProblem: { errors: [{ pointer: '/mode' }] } })
    expect((await rowsOf(phone)).find((row) => row.id === good)!.state).toBe('sent')
    const { heldAgain } = await import('../m/src/mending')
    await phone.outbox.keepVisit({ ...(heldAgain(held) as Awaited<ReturnType<typeof visit>>), mode: 'door_to_door' })
    await phone.sync.flush('person')
    expect((await rowsOf(phone)).map((row) => row.state).sort()).toEqual(['replaced', 'sent', 'sent'])
  })

  it('keeps both contents of a conflict until the person decides, and sends the decided one', async () => {
    const id = await phone.outbox.keepVisit(await visit(phone))
    await phone.sync.flush('person')
    server.records.get(id)!.revs.push({ sha256: 'x', body: {}, rev: 2 })
    await phone.outbox.keepVisit({ ...(await visit(phone)), id, isEdit: true, editsRev: 1, summary: 'mine' })
    await phone.sync.flush('person')
    const held = (await rowsOf(phone)).find((row) => row.state === 'held')!
    expect(held.heldBecause).toBe('conflict')
    await phone.outbox.insist(held.seq)
    await phone.sync.flush('person')
    expect(server.records.get(id)!.revs).toHaveLength(3)
    expect(server.records.get(id)!.revs[2]!.body.summary).toBe('mine')
    expect((await rowsOf(phone)).filter((row) => row.state === 'held')).toEqual([])
  })

  it('gives a record whose id is somebody else’s a new id, and sends the same text', async () => {
    const id = await phone.outbox.keepVisit(await visit(phone))
    const text = (await rowsOf(phone))[0]!.text
    server.trick = (asked) => {
      if (asked.path !== '/api/v1/sync/push' || !asked.body.includes(id)) return null
      const { ops } = JSON.parse(asked.body) as { ops: { op_id: string }[] }
      return json({ results: [{ op_id: ops[0]!.op_id, status: 'conflict', problem: { code: 'id_taken', status: 409, title: '', client_action: 'fix' } }] })
    }
    await phone.sync.flush('person')
    await phone.sync.flush('person')
    const [row] = await rowsOf(phone)
    expect(row).toMatchObject({ state: 'sent', text })
    expect(row!.id).not.toBe(id)
    expect([...server.records.keys()]).toEqual([row!.id])
  })

  it('sends edits of one record one after the other, each on the receipt before it', async () => {
    const draft = await visit(phone)
    await phone.outbox.keepVisit(draft)
    await phone.outbox.keepVisit({ ...draft, isEdit: true, summary: 'second' })
    await phone.outbox.keepVisit({ ...draft, isEdit: true, summary: 'third' })
    await phone.sync.flush('person')
    expect(server.records.get(draft.id)!.revs.map((one) => one.body.summary)).toEqual(['谈轴承', 'second', 'third'])
    expect(server.kept).toEqual([])
  })

  it('withdraws behind what is still unsent of the record', async () => {
    const draft = await visit(phone)
    await phone.outbox.keepVisit(draft)
    await phone.outbox.withdraw({ id: draft.id, title: '' }, '重复录入')
    await phone.sync.flush('person')
    expect(server.records.get(draft.id)!.withdrawn).toBe(true)
    expect((await rowsOf(phone)).every((row) => row.state === 'sent')).toBe(true)
  })

  it('pauses at a 401 and keeps everything until somebody signs in', async () => {
    await phone.outbox.keepVisit(await visit(phone))
    server.signedIn = null
    expect((await phone.sync.flush('person')).stopped).toBe('sign_in')
    expect(await phone.entries.outboxStatus(FIELD.id)).toMatchObject({ records: 1, stopped: 'sign_in' })
    server.signedIn = FIELD
    await phone.person.rememberPerson(FIELD)
    expect((await phone.sync.flush('signed_in')).sent).toBe(1)
    expect((await phone.entries.outboxStatus(FIELD.id)).stopped).toBeNull()
  })

  it('hands in what it holds after the device was cut off, and says who decides', async () => {
    await phone.outbox.keepVisit(await visit(phone))
    server.signedIn = null
    server.trick = (asked) => {
      if (asked.path.endsWith('/refresh')) {
        return new Response(JSON.stringify({ code: 'cut_off', status: 401, title: '', client_action: 'login', csrf_token: 'hand-in' }), {
          status: 401,
          headers: { 'Content-Type': 'application/problem+json' },
        })
      }
      if (asked.path !== '/api/v1/sync/push' || asked.headers.get('X-CSRF-Token') !== 'hand-in') return null
      const { ops } = JSON.parse(asked.body) as { ops: { op_id: string }[] }
      const refusal = { code: 'handed_in', status: 403, title: '', client_action: 'fix', kept: {} }
      return json({ check_only: false, results: ops.map((op) => ({ op_id: op.op_id, status: 'unpermitted', problem: refusal })) })
    }
    expect((await phone.sync.flush('person')).stopped).toBe('cut_off')
    expect((await rowsOf(phone))[0]).toMatchObject({ state: 'held', heldBecause: 'unpermitted', lastProblem: { code: 'handed_in' } })
  })

  it('asks for a new version at a 426, and touches nothing', async () => {
    await phone.outbox.keepVisit(await visit(phone))
    server.trick = (asked) => (asked.path === '/api/v1/sync/push' ? problem(426, 'client_too_old', 'upgrade') : null)
    expect((await phone.sync.flush('person')).stopped).toBe('upgrade')
    expect((await rowsOf(phone))[0]).toMatchObject({ state: 'waiting', attempts: 0 })
  })

  it.each([
    [503, 'overloaded'],
    [507, 'no_space'],
  ])('lets sending rest for as long as a %i asks, and says why', async (status, code) => {
    await phone.outbox.keepVisit(await visit(phone))
    server.trick = (asked) => (asked.path === '/api/v1/sync/push' ? problem(status, code, 'wait', { 'Retry-After': '40' }) : null)
    await phone.sync.flush('person')
    const { resting } = await phone.entries.outboxStatus(FIELD.id)
    expect(resting).toMatchObject({ code })
    expect(resting!.untilMs).toBeGreaterThan(39_000)
    const before = server.count('/api/v1/sync/push')
    await phone.sync.flush('person') // even a person's hand does not break the server's word
    expect(server.count('/api/v1/sync/push')).toBe(before)
    server.trick = () => null
    const again = await start() // a restart just tries again
    expect((await again.sync.flush('start')).sent).toBe(1)
  })

  it('halves a batch that the server stumbles over, until the one that spoils it waits alone', async () => {
    const ids = []
    for (let n = 0; n < 9; n += 1) ids.push(await phone.outbox.keepVisit(await visit(phone, { summary: n === 5 ? 'poison' : `good ${n}` })))
    server.trick = (asked) => (asked.path === '/api/v1/sync/push' && asked.body.includes('poison') ? problem(500, 'internal_error', 'retry') : null)
    for (let n = 0; n < 12; n += 1) await phone.sync.flush('person')
    expect(ids.filter((id) => server.records.has(id))).toHaveLength(8)
    expect((await rowsOf(phone)).filter((row) => row.state === 'waiting')).toHaveLength(1)
  })

  it('sends only the author’s rows, and shows nobody else’s', async () => {
    await phone.outbox.keepVisit(await visit(phone))
    server.signedIn = OTHER
    const other = await start()
    await other.outbox.keepVisit({ ...(await visit(other)), author_id: OTHER.id })
    await other.sync.flush('person')
    expect((await rowsOf(other)).map((row) => row.state)).toEqual(['waiting', 'sent'])
    expect(await other.entries.entriesOf(OTHER.id)).toHaveLength(1)
    expect((await other.entries.outboxStatus(OTHER.id)).others).toBe(1)
  })

  it('resumes a photo where the line broke, and sends no byte twice', async () => {
    const draft = await visit(phone)
    const photo = await putPhoto(phone, draft.id, 700_000)
    await phone.outbox.keepVisit({ ...draft, photo_ids: [photo.id] })
    let patches = 0
    server.trick = async (asked, serve) => {
      if (asked.method !== 'PATCH') return null
      patches += 1
      if (patches !== 2) return null
      await serve()
      throw new TypeError('the line broke')
    }
    await phone.sync.flush('person')
    expect(server.photos.get(photo.id)!.isReceived).toBe(false)
    const again = await start()
    expect((await again.sync.flush('start')).photos).toBe(1)
    expect(patches).toBe(3)
    expect(sha256Hex(server.photos.get(photo.id)!.bytes)).toBe(sha256Hex(photo.bytes))
    const announcements = server.log.filter((one) => one.body.includes('"accept":["tus"]'))
    expect(announcements).toHaveLength(1)
  })

  it('announces a photo again when its address is not good any more', async () => {
    const draft = await visit(phone)
    const photo = await putPhoto(phone, draft.id, 1000)
    await phone.outbox.keepVisit({ ...draft, photo_ids: [photo.id] })
    let isGone = true
    server.trick = (asked) => (asked.method === 'HEAD' && isGone ? problem(410, 'upload_gone', 'retry') : null)
    await phone.sync.flush('person')
    isGone = false
    await phone.sync.flush('person')
    expect(server.photos.get(photo.id)!.isReceived).toBe(true)
  })

  it('sends to this server what it was told to send to a store of another host', async () => {
    const draft = await visit(phone)
    const photo = await putPhoto(phone, draft.id, 1000)
    await phone.outbox.keepVisit({ ...draft, photo_ids: [photo.id] })
    server.grantUrl = 'https://store.example/bucket/photo?signature=s'
    expect((await phone.sync.flush('person')).photos).toBe(1)
    expect(sha256Hex(server.photos.get(photo.id)!.bytes)).toBe(sha256Hex(photo.bytes))
  })

  it('keeps proved pictures for recalls, and sends again what the server asks for', async () => {
    const draft = await visit(phone)
    const photo = await putPhoto(phone, draft.id, 1000)
    await phone.outbox.keepVisit({ ...draft, photo_ids: [photo.id] })
    await phone.sync.flush('person')
    const [stored] = server.photos.values()
    Object.assign(stored!, { bytes: new Uint8Array(0), isReceived: false })
    server.recalls = [{ id: 'r1', reason: '', record_ids: [draft.id, 'unknown'], photo_ids: [photo.id], since_on: null, asked_at: '' }]
    expect((await phone.sync.flush('person')).recalled).toBe(2)
    await phone.sync.flush('person')
    await phone.sync.flush('person')
    expect(server.outcomes).toEqual([{ id: 'r1', told: { sent: [draft.id, photo.id].sort(), missing: ['unknown'] } }])
    expect(stored!.isReceived).toBe(true)
  })

  it('lets go of what was proved a month ago by the server’s clock, and of nothing that waits', async () => {
    const draft = await visit(phone)
    const photo = await putPhoto(phone, draft.id, 1000)
    await phone.outbox.keepVisit({ ...draft, photo_ids: [photo.id] })
    await phone.sync.flush('person')
    const unsent = await phone.outbox.keepVisit(await visit(phone))
    const { letGo } = await import('../m/src/keeping')
    await letGo(new Date(Date.now() + 29 * 86_400_000).toISOString())
    expect(await rowsOf(phone)).toHaveLength(3)
    await letGo(new Date(Date.now() + 31 * 86_400_000).toISOString())
    expect((await rowsOf(phone)).map((row) => row.id)).toEqual([unsent])
    expect(await (await phone.db.db()).count('bytes')).toBe(0)
  })

  it('makes room only with pictures whose own and whose record’s receipts are here', async () => {
    const draft = await visit(phone)
    const photo = await putPhoto(phone, draft.id, 1000)
    await phone.outbox.keepVisit({ ...draft, photo_ids: [photo.id] })
    const { makeRoom } = await import('../m/src/keeping')
    expect(await makeRoom(1)).toBe(0)
    await phone.sync.flush('person')
    expect(await makeRoom(1)).toBe(1000)
    expect(await phone.photos.photoBlob(photo.id)).toBeNull()
  })

  it('tells the server what is unsent at the end of each round', async () => {
    server.trick = (asked) => (asked.path === '/api/v1/sync/push' ? problem(503, 'overloaded', 'wait') : null)
    await phone.outbox.keepVisit(await visit(phone))
    await phone.sync.flush('person')
    expect(server.beats[0]).toMatchObject({ pending_records: 1, pending_photos: 0, platform: 'android-web' })
    expect(server.beats[0]!.oldest_pending_at).toBeDefined()
  })

  it('does not ask the feed at every glance while nothing is to be sent, and sends at once when something is', async () => {
    await phone.sync.flush('start')
    const before = server.log.length
    await phone.sync.flush('visible')
    await phone.sync.flush('timer')
    expect(server.log).toHaveLength(before)
    await phone.outbox.keepVisit(await visit(phone))
    expect((await phone.sync.flush('visible')).sent).toBe(1)
  })

  it('works without locks, by a lease that a dead tab does not hold for long', async () => {
    newPhone({ withLocks: false })
    phone = await start()
    await phone.outbox.keepVisit(await visit(phone))
    const [a, b] = await Promise.all([phone.sync.flush('person'), phone.sync.flush('kept')])
    expect(a).toBe(b)
    expect(server.records.size).toBe(1)
    expect(await (await phone.db.db()).get('facts', 'qianbai-flush')).toBeUndefined()
  })

  it('refuses a text that no JSON can carry before it is kept', async () => {
    await expect(async () => phone.outbox.keepVisit(await visit(phone, { summary: 'half \ud83d' }))).rejects.toThrow(RangeError)
    expect(await rowsOf(phone)).toEqual([])
  })
})

describe('a phone that is killed', () => {
  /** A visit with a photo of three pieces, edited once: written, handed in and sent, as far as the phone gets. */
  async function day(on: App, formId: string): Promise<void> {
    let draft = (await on.drafts.loadDraft(formId)) as Awaited<ReturnType<typeof visit>> | null
    const rows = (await rowsOf(on)).filter((row) => row.type === 'visit')
    if (!draft && rows.length === 0) {
      draft = { ...(await visit(on)), id: formId }
      await on.drafts.saveDraft(draft)
    }
    if (draft && rows.length === 0) {
      const before = await on.photos.photosOf(formId)
      const photo = before[0] ?? (await putPhoto(on, formId, 530_000))
      draft.photo_ids = [photo.id]
      await on.outbox.keepVisit(draft)
    }
    if (rows.length < 2) {
      const first = (await rowsOf(on)).find((row) => row.type === 'visit')!
      const { heldAgain } = await import('../m/src/mending')
      const edit = heldAgain(first) as Awaited<ReturnType<typeof visit>>
      await on.outbox.keepVisit({ ...edit, summary: 'edited' })
    }
    await on.sync.flush('start')
  }

  /** The same day of a phone again and again, killed one step later each time, and opened once more; how many steps there were. */
  async function killedAtEachStep(live: (on: App) => Promise<void>, holds: (second: App, killAt: number) => Promise<void>): Promise<number> {
    vi.spyOn(console, 'error').mockImplementation(() => undefined) // a killed app says why it stopped
    for (let killAt = 1; ; killAt += 1) {
      newPhone()
      server = new Server()
      server.serve()
      let at = 0
      let isDead = false
      const first = await start()
      watchSteps(() => {
        at += 1
        if (at >= killAt) isDead = true
        if (isDead) throw new Killed()
      })
      const isThrough = await live(first).then(
        () => !isDead,
        () => false,
      )
      await first.db.closeDb().catch(() => undefined)
      watchSteps(() => undefined)
      const second = await start()
      await live(second)
      await second.sync.flush('person')
      expect(server.kept).toEqual([])
      expect((await rowsOf(second)).every((row) => row.state === 'sent')).toBe(true)
      expect(await second.drafts.openDrafts(FIELD.id)).toEqual([])
      await holds(second, killAt)
      await second.db.closeDb()
      if (isThrough) return killAt - 1
    }
  }

  const received = (): number => [...server.photos.values()].filter((one) => one.isReceived).length

  it('between any two steps has lost nothing and doubled nothing', async () => {
    const formId = '01900000-0000-7000-8000-00000000f000'
    const steps = await killedAtEachStep(
      (on) => day(on, formId),
      async (_, killAt) => {
        const { revs } = server.records.get(formId)!
        expect([killAt, revs.map((one) => one.body.summary)]).toEqual([killAt, ['谈轴承', 'edited']])
        expect([killAt, received()]).toEqual([killAt, 1])
      },
    )
    expect(steps).toBeGreaterThan(30)
  }, 60_000)

  /** A check-in that raises a problem, with a photo of both, handed in and sent. */
  async function service(on: App, formId: string): Promise<void> {
    let draft = (await on.drafts.loadDraft(formId)) as ReturnType<App['bodies']['newCheckin']> | null
    if (!draft && !(await rowsOf(on)).length) {
      draft = { ...on.bodies.newCheckin(FIELD.id), id: formId, kind: 'service', site_id: 's', site_name: '一号工地', note: '停电两天', category: 'power' }
      await on.drafts.saveDraft(draft)
    }
    if (draft) {
      draft.photo_ids = [((await on.photos.photosOf(formId))[0] ?? (await putPhoto(on, formId, 1000))).id]
      await on.outbox.keepCheckin(draft)
    }
    await on.sync.flush('start')
  }

  it('has handed in a check-in and its problem, both or neither', async () => {
    const formId = '01900000-0000-7000-8000-00000000f001'
    const steps = await killedAtEachStep(
      (on) => service(on, formId),
      async (_, killAt) => {
        const found = [...server.records.values()].map((one) => [one.type, one.revs.length])
        expect([killAt, found]).toEqual([killAt, [['checkin', 1], ['issue', 1]]])
        const [issue] = [...server.records.values()].filter((one) => one.type === 'issue')
        expect(issue!.revs[0]!.body).toMatchObject({ category: 'power', text: '停电两天', checkin_id: formId })
        expect([killAt, received()]).toEqual([killAt, 1])
      },
    )
    expect(steps).toBeGreaterThan(15)
  }, 60_000)

  /** A problem is raised, replied to with a photo, and the reply sent until the server says that it has it. */
  async function reply(on: App): Promise<void> {
    if (!(await rowsOf(on)).some((row) => row.type === 'issue')) {
      await on.outbox.keepIssue({ ...on.bodies.newIssue(FIELD.id), site_id: 's', site_name: '一号工地', text: '停电', category: 'power' })
    }
    await on.sync.flush('start')
    const id = (await rowsOf(on)).find((row) => row.type === 'issue')!.id
    const card = await on.issues.readIssue(id)
    const begun = (await on.drafts.openDrafts(FIELD.id)).find((one) => one.type === 'answer')
    if (begun ? await on.issues.settleTry(begun, card) : card.events!.length) return void (await on.sync.flush('start'))
    const draft = { ...(begun ?? { ...on.bodies.newAnswer(FIELD.id, { id, title: '' }, 'reply'), text: '已派人' }) }
    await on.drafts.saveDraft(draft)
    draft.photo_ids = [((await on.photos.photosOf(draft.id))[0] ?? (await putPhoto(on, draft.id, 1000))).id]
    await on.issues.answer({ ...draft, tried: null })
    await on.sync.flush('start')
  }

  it('has done about a problem what it did, once', async () => {
    const steps = await killedAtEachStep(reply, async (_, killAt) => {
      expect([killAt, [...server.records.values()].map((one) => one.revs.length)]).toEqual([killAt, [1]])
      expect([killAt, [...server.events.values()].flat().map((one) => one.text)]).toEqual([killAt, ['已派人']])
      expect([killAt, received()]).toEqual([killAt, 1])
    })
    expect(steps).toBeGreaterThan(20)
  }, 60_000)
})
