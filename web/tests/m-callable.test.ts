// Whom a problem calls: the list that is kept, the choice that is sent, and what becomes of it when a unit is closed.
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { heldAgain, issueAgain } from '../m/src/mending'
import type { IssueRow } from '../m/src/model'
import { app, FIELD, json, newPhone, rowsOf, Server, type App } from './support/m-world'

const CLOSED = '没有这个单位'
const HOURS_MS = 3_600_000

let server: Server
let phone: App

beforeEach(async () => {
  vi.useRealTimers()
  newPhone()
  server = new Server()
  server.serve()
  phone = await app()
  await phone.person.rememberPerson(FIELD)
})

const newProblem = (change: object = {}) => ({ ...phone.bodies.newIssue(FIELD.id), site_id: 's', site_name: '一号工地', category: 'power', text: '停电两天', ...change })

/** How often the list was asked for. */
const asked = () => server.count('/api/v1/issues/callable')

describe('the units that may be called', () => {
  it('come with a sync and are there without a line, with their age', async () => {
    expect(await phone.callable.callableUnits()).toBeNull()
    await phone.sync.flush('person')
    server.trick = () => {
      throw new TypeError('no line')
    }
    phone = await app()
    const kept = await phone.callable.callableUnits()
    expect(kept!.units).toEqual(server.units)
    expect(Math.abs(Date.now() - Date.parse(kept!.at))).toBeLessThan(60_000)
  })

  it('are asked for again only when they are old, or the form wants them newer', async () => {
    await phone.sync.flush('person')
    await phone.sync.flush('person')
    expect(asked()).toBe(1)
    vi.useFakeTimers({ now: Date.now() + HOURS_MS, toFake: ['Date'] })
    await phone.callable.readCallable()
    expect(asked()).toBe(1)
    await phone.callable.readCallable(HOURS_MS / 2)
    expect(asked()).toBe(2)
    vi.setSystemTime(Date.now() + 6 * HOURS_MS)
    await phone.callable.readCallable()
    expect(asked()).toBe(3)
  })

  it('stay as they were when nothing that can be believed comes', async () => {
    await phone.callable.readCallable()
    server.trick = () => json([])
    await expect(phone.callable.readCallable(0)).rejects.toThrow('unreachable')
    expect((await phone.callable.callableUnits())!.units).toEqual(server.units)
  })

  it('are found by a part of either name, without those that are called already', () => {
    const names = (call: string[], typed: string) => phone.callable.unitsToCall(server.units as never, call, typed).map((one) => one.id)
    expect(names([], '')).toEqual(['land', 'grid'])
    expect([names([], ' grid '), names([], '自然'), names([], 'x')]).toEqual([['grid'], ['land'], []])
    expect(names(['land'], '')).toEqual(['grid'])
  })
})

describe('the route of a kind', () => {
  it('calls its lead first, and nobody where none leads', () => {
    const calls = (category: string) => phone.callable.unitsByRoute(server.units as never, category).map((one) => one.id)
    expect([calls('power'), calls('gas'), calls('road')]).toEqual([['grid', 'land'], [], []])
  })
})

describe('a problem that calls', () => {
  it('says whom, the first to lead, and says nothing where its route is to decide', async () => {
    const body = (change: object) => JSON.parse(phone.bodies.freeze(phone.bodies.issueBody(newProblem(change))).text) as object
    expect(body({ call: ['grid', 'land'] })).toMatchObject({ call: ['grid', 'land'] })
    expect([body({ call: [] }), body({ call: undefined })].map((one) => 'call' in one)).toEqual([false, false])
  })

  it('is raised by a check-in with the same choice', async () => {
    const checkin = { ...phone.bodies.newCheckin(FIELD.id), kind: 'service' as const, site_id: 's', site_name: '一号工地', note: '停电', category: 'power', call: ['grid'] }
    await phone.outbox.keepCheckin(checkin)
    const rows = (await rowsOf(phone)).map((row) => [row.type, (JSON.parse(row.text) as { call?: string[] }).call])
    expect(rows.sort()).toEqual([['checkin', undefined], ['issue', ['grid']]])
  })

  it('keeps the choice in its draft', async () => {
    const draft = newProblem({ call: ['grid', 'land'] })
    await phone.drafts.saveDraft(draft)
    phone = await app()
    expect(await phone.drafts.loadDraft(draft.id)).toMatchObject({ call: ['grid', 'land'] })
  })

  it('is held with the server’s words when a unit is closed, and goes when another is called', async () => {
    const id = await phone.outbox.keepIssue(newProblem({ call: ['closed'] }))
    server.trick = (request) => {
      if (request.path !== '/api/v1/sync/push' || !request.body.includes('"closed"')) return null
      const { ops } = JSON.parse(request.body) as { ops: { op_id: string }[] }
      const problem = { code: 'invalid', status: 422, title: '', client_action: 'quarantine', errors: [{ pointer: '/call', detail: CLOSED }], quarantine: { id: 'q', sha256: 'x', received_at: '' } }
      return json({ results: [{ op_id: ops[0]!.op_id, type: 'issue', id, status: 'quarantined', problem }] })
    }
    await phone.sync.flush('person')
    const [held] = await rowsOf(phone)
    expect(held).toMatchObject({ state: 'held', heldBecause: 'quarantined', lastProblem: { errors: [{ detail: CLOSED }] } })
    const draft = heldAgain(held!)!
    expect(draft).toMatchObject({ type: 'issue', id, text: '停电两天', call: ['closed'] })
    await phone.outbox.keepIssue({ ...(draft as ReturnType<typeof newProblem>), call: ['grid'] })
    await phone.sync.flush('person')
    expect(server.records.get(id)!.revs.map((one) => one.body.call)).toEqual([['grid']])
    expect((await rowsOf(phone)).map((row) => row.state).sort()).toEqual(['replaced', 'sent'])
  })

  it('calls nobody by its edit: whom the server has called stays as the server has it', async () => {
    const id = await phone.outbox.keepIssue(newProblem())
    await phone.sync.flush('person')
    const lead = { unit: { id: 'grid', name: '市供电公司' }, role: 'lead' }
    const row = { ...(await phone.issues.readIssue(id)), state: 'called', calls: [lead] } as unknown as IssueRow
    const draft = issueAgain(row, FIELD.id)
    expect(draft).toMatchObject({ isEdit: true, editsRev: 1, call: [] })
    expect(phone.bodies.issueBody(draft).call).toBeUndefined()
  })
})
