// Problems on the phone: raised by the outbox like any record; done about with a line, once, and never lost.
import { beforeEach, describe, expect, it } from 'vitest'
import { app, FIELD, json, newPhone, OTHER, problem, putPhoto, rowsOf, Server, type App } from './support/m-world'

let server: Server
let phone: App

beforeEach(async () => {
  newPhone()
  server = new Server()
  server.serve()
  phone = await app()
  await phone.person.rememberPerson(FIELD)
})

const newProblem = (on: App, change: object = {}) => ({ ...on.bodies.newIssue(FIELD.id), site_id: 's', site_name: '一号工地', category: 'power', text: ' 停电两天 ', ...change })

/** A problem that the server has, as its card. */
async function raised(on: App) {
  const id = await on.outbox.keepIssue(newProblem(on))
  await on.sync.flush('person')
  return on.issues.readIssue(id)
}

const theReply = (on: App, id: string, change: object = {}) => ({ ...on.bodies.newAnswer(FIELD.id, { id, title: '一号工地' }, 'reply'), text: '已派人', ...change })

describe('a problem', () => {
  it('is kept, sent, and counted as sent by its own receipt', async () => {
    const id = await phone.outbox.keepIssue(newProblem(phone))
    expect(await phone.sync.flush('person')).toMatchObject({ sent: 1, faults: {} })
    const [row] = await rowsOf(phone)
    expect(row).toMatchObject({ id, type: 'issue', state: 'sent', title: '一号工地' })
    const { body } = server.records.get(id)!.revs[0]!
    expect(body).toMatchObject({ category: 'power', severity: 'general', text: '停电两天', site_id: 's', photo_ids: [] })
    expect(Object.keys(body)).not.toContain('location')
  })

  it('takes its photos along', async () => {
    const draft = newProblem(phone)
    const photo = await putPhoto(phone, draft.id, 1000)
    await phone.outbox.keepIssue({ ...draft, photo_ids: [photo.id] })
    expect(await phone.sync.flush('person')).toMatchObject({ sent: 1, photos: 1 })
    expect((await phone.entries.entriesOf(FIELD.id))[0]!.photos).toMatchObject([{ id: photo.id, state: 'sent' }])
  })

  it('is held when there is another version, mended or insisted on, and withdrawn', async () => {
    const draft = newProblem(phone)
    await phone.outbox.keepIssue(draft)
    await phone.sync.flush('person')
    server.records.get(draft.id)!.revs.push({ sha256: 'x', body: {}, rev: 2 })
    await phone.outbox.keepIssue({ ...draft, isEdit: true, editsRev: 1, text: 'mine' })
    await phone.sync.flush('person')
    const held = (await rowsOf(phone)).find((row) => row.state === 'held')!
    expect(held.heldBecause).toBe('conflict')
    const { heldAgain } = await import('../m/src/mending')
    expect(heldAgain(held)).toMatchObject({ type: 'issue', id: draft.id, editsRev: 2, text: 'mine', site_name: '一号工地', category: 'power' })
    await phone.outbox.insist(held.seq)
    await phone.sync.flush('person')
    expect(server.records.get(draft.id)!.revs.map((one) => one.body.text)).toEqual(['停电两天', undefined, 'mine'])
    await phone.outbox.withdraw({ id: draft.id, title: '' }, '已解决')
    await phone.sync.flush('person')
    expect(server.records.get(draft.id)!.withdrawn).toBe(true)
  })

  it('gets a new id when its own is somebody else’s', async () => {
    const id = await phone.outbox.keepIssue(newProblem(phone))
    server.trick = (asked) => {
      if (asked.path !== '/api/v1/sync/push' || !asked.body.includes(id)) return null
      const { ops } = JSON.parse(asked.body) as { ops: { op_id: string }[] }
      return json({ results: [{ op_id: ops[0]!.op_id, status: 'conflict', problem: { code: 'id_taken', status: 409, title: '', client_action: 'fix' } }] })
    }
    await phone.sync.flush('person')
    await phone.sync.flush('person')
    const [row] = await rowsOf(phone)
    expect(row).toMatchObject({ type: 'issue', state: 'sent' })
    expect(row!.id).not.toBe(id)
  })

  it('comes with a check-in that tells one, and never again with its edit', async () => {
    const checkin = { ...phone.bodies.newCheckin(FIELD.id), kind: 'service' as const, site_id: 's', site_name: '一号工地', note: '停电', category: 'power', severity: 'major' as const }
    await phone.outbox.keepCheckin(checkin)
    await phone.outbox.keepCheckin({ ...checkin, isEdit: true, note: '还在停电' })
    await phone.outbox.keepCheckin({ ...checkin, id: 'other', kind: 'arrive' })
    const issues = (await rowsOf(phone)).filter((row) => row.type === 'issue')
    expect(issues).toHaveLength(1)
    expect(JSON.parse(issues[0]!.text)).toMatchObject({ category: 'power', severity: 'major', text: '停电', site_id: 's', checkin_id: checkin.id })
  })

  it('lacks a place or its words, and a check-in without one lacks nothing', () => {
    expect(phone.bodies.lacking(newProblem(phone, { site_id: null, text: ' ' }))).toEqual(['site_id', 'text'])
    expect(phone.bodies.lacking(newProblem(phone, { site_id: null, enterprise_id: 'e' }))).toEqual([])
    const checkin = { ...phone.bodies.newCheckin(FIELD.id), kind: 'service' as const, site_id: 's' }
    expect(phone.bodies.lacking(checkin)).toEqual([])
    expect(phone.bodies.lacking({ ...checkin, category: 'power' })).toEqual(['text'])
  })
})

describe('what is done about one', () => {
  it('arrives once though the answer was cut, because the very same is sent again', async () => {
    const { id } = await raised(phone)
    const draft = theReply(phone, id)
    server.trick = async (asked, serve) => {
      if (!asked.path.endsWith('/events')) return null
      await serve()
      throw new TypeError('the line broke')
    }
    await expect(phone.issues.answer(draft)).rejects.toThrow('unreachable')
    server.trick = () => null
    const kept = (await phone.drafts.loadDraft(draft.id)) as typeof draft
    expect(kept.tried).not.toBeNull()
    await phone.issues.answer({ ...kept, text: 'whatever the form shows by now' })
    expect(server.events.get(id)).toMatchObject([{ id: draft.id, text: '已派人' }])
    expect(await phone.drafts.loadDraft(draft.id)).toBeNull()
  })

  it('is known to have arrived when the problem is read again', async () => {
    const { id } = await raised(phone)
    const draft = theReply(phone, id)
    server.trick = async (asked, serve) => {
      if (!asked.path.endsWith('/events')) return null
      await serve()
      throw new TypeError('the line broke')
    }
    await expect(phone.issues.answer(draft)).rejects.toThrow()
    const kept = (await phone.drafts.loadDraft(draft.id)) as typeof draft
    expect(await phone.issues.settleTry(kept, await phone.issues.readIssue(id))).toBe(true)
    expect(await phone.drafts.loadDraft(draft.id)).toBeNull()
  })

  it('may be mended when it never arrived', async () => {
    const { id } = await raised(phone)
    const draft = theReply(phone, id)
    server.trick = (asked) => {
      if (asked.path.endsWith('/events')) throw new TypeError('no line')
      return null
    }
    await expect(phone.issues.answer(draft)).rejects.toThrow()
    const kept = (await phone.drafts.loadDraft(draft.id)) as typeof draft
    expect(await phone.issues.settleTry(kept, await phone.issues.readIssue(id))).toBe(false)
    expect(await phone.drafts.loadDraft(draft.id)).toMatchObject({ tried: null, text: '已派人' })
  })

  it('stays as it was typed when it is refused, and may be mended at once', async () => {
    const { id } = await raised(phone)
    const draft = theReply(phone, id)
    server.trick = (asked) => (asked.path.endsWith('/events') ? problem(409, 'wrong_state', 'fix') : null)
    await expect(phone.issues.answer(draft)).rejects.toMatchObject({ code: 'wrong_state' })
    expect(await phone.drafts.loadDraft(draft.id)).toMatchObject({ tried: null, text: '已派人' })
    expect(server.events.size).toBe(0)
  })

  it('sends its photos after it', async () => {
    const { id } = await raised(phone)
    const draft = theReply(phone, id)
    const photo = await putPhoto(phone, draft.id, 1000)
    await phone.issues.answer({ ...draft, photo_ids: [photo.id] })
    expect((await phone.sync.flush('kept')).photos).toBe(1)
    expect(server.events.get(id)).toMatchObject([{ photo_ids: [photo.id] }])
    expect(server.photos.get(photo.id)!.isReceived).toBe(true)
  })
})

describe('the boxes', () => {
  it('are read without a line, with what was done as far as it is not old', async () => {
    const card = await raised(phone)
    await phone.issues.readIssues()
    server.trick = () => {
      throw new TypeError('no line')
    }
    await expect(phone.issues.readIssues()).rejects.toThrow()
    const boxes = await phone.issues.issueBoxes()
    expect(boxes.raised).toEqual([card.id])
    expect(boxes.rows[card.id]!.events).toEqual([])
    server.trick = () => null
    server.events.set(card.id, [{ id: 'another' }])
    await phone.issues.readIssues()
    expect((await phone.issues.issueBoxes()).rows[card.id]!.events).toBeUndefined()
  })

  it('are asked for again only after a while, unless somebody wants to know', async () => {
    await phone.issues.readIssues()
    const before = server.count('/api/v1/issues')
    await phone.issues.readIssues({ atOnce: false })
    expect(server.count('/api/v1/issues')).toBe(before)
    await phone.issues.readIssues()
    expect(server.count('/api/v1/issues')).toBe(before + 1)
  })

  it('hold those that call a unit only for people whom problems call', async () => {
    await phone.issues.readIssues()
    expect(server.log.filter((one) => one.path.includes('box=called'))).toEqual([])
    await phone.person.rememberPerson({ ...FIELD, roles: ['department_officer'] })
    await phone.issues.readIssues()
    expect(server.log.filter((one) => one.path.includes('box=called'))).toHaveLength(1)
  })

  it('hold what the feed has brought since', async () => {
    const { id } = await raised(phone)
    await phone.issues.readIssues()
    const told = { ...(await phone.issues.issueBoxes()).rows[id]!, updated_at: '9', state: 'called' }
    const another = { ...told, id: 'another' }
    server.changes = [told, another].map((row) => ({ type: 'issue', id: row.id, op: 'upsert', rev: 1, data: row }))
    await phone.sync.flush('person')
    const boxes = await phone.issues.issueBoxes()
    expect(boxes.raised).toEqual([id, 'another'])
    expect(boxes.rows[id]!.state).toBe('called')
  })

  it('keep what was read of one while the list was on its way', async () => {
    const { id } = await raised(phone)
    server.trick = async (asked, serve) => {
      if (!asked.path.includes('box=raised')) return null
      const list = await serve()
      server.trick = () => null
      await phone.issues.readIssue(id)
      return list
    }
    await phone.issues.readIssues()
    expect((await phone.issues.issueBoxes()).rows[id]!.events).toEqual([])
  })

  it('that come after the person has left are kept for nobody', async () => {
    await raised(phone)
    server.trick = async (asked, serve) => {
      if (!asked.path.includes('box=raised')) return null
      const list = await serve()
      await phone.person.rememberPerson(OTHER)
      return list
    }
    await phone.issues.readIssues()
    expect(await phone.db.fact('issues')).toBeUndefined()
  })

  it('are not shown to the next person on the phone', async () => {
    await raised(phone)
    await phone.issues.readIssues()
    await phone.person.rememberPerson(OTHER)
    expect(await phone.issues.issueBoxes()).toMatchObject({ of: OTHER.id, raised: [], rows: {} })
  })
})
