// A phone and a server for the tests of the phone's core: a browser's globals, a database that outlives "killing" the
// app, and a server that keeps the contract of docs/api.md, loses answers and hands out wrong ones when it is told to.
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { vi } from 'vitest'
import { canonical, sha256Hex } from '../../shared/canonical'
import type { Person } from '../../shared/session'

export const ORIGIN = 'http://phone.test'
export const FIELD: Person = {
  id: '01900000-0000-7000-8000-000000000001',
  username: 'field1',
  name: 'Field One',
  unit: { id: '01900000-0000-7000-8000-0000000000aa', name: 'County', kind: 'county' },
  roles: ['field_staff'],
  must_change_password: false,
}
export const OTHER: Person = { ...FIELD, id: '01900000-0000-7000-8000-000000000002', username: 'field2', name: 'Field Two' }

/** The app was killed at a step; nothing of it runs on. */
export class Killed extends Error {}

type Step = (name: string) => void

let onStep: Step = () => undefined
let queue: Promise<unknown> = Promise.resolve()

/** Be told before and after each lasting effect: a request, a transaction that writes. */
export function watchSteps(step: Step): void {
  onStep = step
}

const locks = {
  request: (_name: string, _options: unknown, work: () => Promise<unknown>) => {
    const next = queue.then(work)
    queue = next.catch(() => undefined)
    return next
  },
}

/** A new phone with nothing on it. */
export function newPhone({ withLocks = true } = {}): void {
  globalThis.indexedDB = new IDBFactory()
  const browser = { userAgent: 'Mozilla/5.0 (Linux; Android 14; Test Phone)', platform: 'test', ...(withLocks ? { locks } : {}) }
  Object.defineProperty(globalThis, 'navigator', { value: browser, configurable: true, writable: true })
  Object.assign(globalThis, { self: globalThis, isSecureContext: true })
  Object.defineProperty(globalThis, 'location', { value: { origin: ORIGIN }, configurable: true })
  onStep = () => undefined
  queue = Promise.resolve()
  vi.resetModules()
}

const begin = IDBDatabase.prototype.transaction
IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...told: Parameters<typeof begin>) {
  if (told[1] === 'readwrite') onStep('before: write')
  const made = begin.apply(this, told)
  if (told[1] === 'readwrite') made.addEventListener('complete', () => quietly('after: write'))
  return made
}

function quietly(name: string): void {
  try {
    onStep(name)
  } catch {
    // Killed after the disk had it: the app notices at its next step.
  }
}

/** The app as it comes up after being killed: nothing in memory, everything on the disk. */
export async function app() {
  vi.resetModules()
  queue = Promise.resolve()
  const [outbox, sync, person, drafts, bodies, db, entries, photos, roster, pull, issues, callable] = await Promise.all([
    import('../../m/src/outbox'),
    import('../../m/src/sync'),
    import('../../m/src/person'),
    import('../../m/src/drafts'),
    import('../../m/src/bodies'),
    import('../../m/src/db'),
    import('../../m/src/entries'),
    import('../../m/src/photo'),
    import('../../m/src/roster'),
    import('../../m/src/pull'),
    import('../../m/src/issues'),
    import('../../m/src/callable'),
  ])
  return { outbox, sync, person, drafts, bodies, db, entries, photos, roster, pull, issues, callable }
}

export type App = Awaited<ReturnType<typeof app>>

interface Stored {
  type: string
  author: string
  revs: { sha256: string; body: Record<string, unknown>; rev: number }[]
  withdrawn: boolean
}

interface Op {
  op_id: string
  type: string
  id: string
  author_id?: string
  base_rev?: number
  body: Record<string, unknown>
}

export interface Asked {
  method: string
  path: string
  body: string
  headers: Headers
}

/** What a test makes of one request: an answer instead of the server's, an error, or nothing. */
export type Trick = (asked: Asked, serve: () => Promise<Response>) => Promise<Response | null> | Response | null

/** Answers as the house does, in memory. */
export class Server {
  signedIn: Person | null = FIELD
  records = new Map<string, Stored>()
  photos = new Map<string, { sha256: string; size: number; bytes: Uint8Array; isReceived: boolean }>()
  kept: { id: string; sha256: string; because: string }[] = []
  changes: { type: string; id: string; op: string; rev: number | null; data: unknown }[] = []
  epoch = 1
  recalls: unknown[] = []
  outcomes: { id: string; told: unknown }[] = []
  /** What was done about problems, by problem. */
  events = new Map<string, Record<string, unknown>[]>()
  /** The units that a problem may call. */
  units = [
    { id: 'land', name: '市自然资源局', short_name: '市自然', kind: 'department', leads: [], supports: ['power'] },
    { id: 'grid', name: '市供电公司', short_name: 'Grid', kind: 'company', leads: ['power'], supports: ['gas'] },
  ]
  beats: Record<string, unknown>[] = []
  log: Asked[] = []
  trick: Trick = () => null
  pageRows = 2
  /** A plain address that photos are granted instead of a resumable one. */
  grantUrl: string | null = null

  /** Stand in for the network. */
  serve(): void {
    globalThis.fetch = (async (input: Request | URL, init?: RequestInit) => {
      const request = new Request(input, init)
      const url = new URL(request.url)
      const bytes = new Uint8Array(await request.arrayBuffer())
      const asked = { method: request.method, path: url.pathname + url.search, body: new TextDecoder().decode(bytes), headers: request.headers }
      onStep(`before: ${asked.method} ${url.pathname}`)
      this.log.push(asked)
      const answer = async () => this.answer(asked, url, bytes)
      const response = (await this.trick(asked, answer)) ?? (await answer())
      onStep(`after: ${asked.method} ${url.pathname}`)
      return response
    }) as typeof fetch
  }

  count(path: string): number {
    return this.log.filter((one) => one.path.startsWith(path)).length
  }

  private answer(asked: Asked, url: URL, bytes: Uint8Array): Response {
    const path = url.pathname
    if (path === '/api/v1/browser/sessions/refresh') return problem(401, 'not_signed_in', 'login')
    if (!this.signedIn && !path.includes('/tus')) return problem(401, 'not_signed_in', 'login')
    if (path === '/api/v1/browser/sessions/current') return json({ user: this.signedIn, csrf_token: 't', expires_at: '', must_change_password: false })
    if (path === '/api/v1/sync/push') return this.push(asked)
    if (path === '/api/v1/sync/changes') return this.pull(url)
    if (path === '/api/v1/heartbeats') {
      this.beats.push(JSON.parse(asked.body) as Record<string, unknown>)
      return json({ server_time: new Date().toISOString(), oldest_app: null, recalls: this.recalls })
    }
    if (path === '/api/v1/progress') return json({ as_of: '2026-11-22', lines: [], unit: FIELD.unit, programme: null })
    if (path === '/api/v1/issues/callable') return json({ items: this.units, next_cursor: null })
    if (path.startsWith('/api/v1/issues')) return this.issue(asked, url)
    const [, id, what] = /^\/api\/v1\/(?:photos|recalls)\/([^/]+)\/(\w+)$/.exec(path) ?? []
    if (what === 'outcome') {
      this.outcomes.push({ id: id!, told: JSON.parse(asked.body) })
      this.recalls = []
      return json({ id })
    }
    if (what === 'tus') return this.tus(asked, id!, bytes)
    if (what === 'complete') return this.complete(id!)
    return problem(404, 'not_found', 'fix')
  }

  private push(asked: Asked): Response {
    const { ops } = JSON.parse(asked.body) as { ops: Op[] }
    return json({ check_only: false, results: ops.map((op) => ({ op_id: op.op_id, type: op.type, id: op.id, ...this.take(op) })) })
  }

  private take(op: Op): Record<string, unknown> {
    if (op.author_id !== this.signedIn!.id) return { status: 'error', problem: problemOf(401, 'written_by_another', 'login') }
    if (op.type === 'photo') return this.announce(op)
    const told = { ...op.body }
    delete told.base_rev
    const sha256 = sha256Hex(canonical(told))
    const held = this.records.get(op.id)
    if (op.type === 'withdrawal') {
      if (!held) return { status: 'quarantined', problem: problemOf(422, 'waits_for_parent', 'retry') }
      held.withdrawn = true
      return { status: 'applied', rev: held.revs.length + 1, receipt: this.receipt(op.id, held.revs.length + 1, sha256) }
    }
    if (told.mode === 'by_balloon') {
      this.kept.push({ id: op.id, sha256, because: 'quarantined' })
      const quarantine = { id: 'q', sha256, received_at: '' }
      return { status: 'quarantined', problem: { ...problemOf(422, 'invalid', 'quarantine'), quarantine, errors: [{ pointer: '/mode', detail: 'no such mode' }] } }
    }
    const known = held?.revs.find((one) => one.sha256 === sha256)
    if (known) return { status: 'duplicate', rev: known.rev, receipt: this.receipt(op.id, known.rev, sha256) }
    if (held && op.base_rev !== held.revs.length) {
      this.kept.push({ id: op.id, sha256, because: 'conflict' })
      const conflict = { id: op.id, server_rev: held.revs.length, server_sha256: '', href: '', kept_sha256: sha256 }
      return { status: 'conflict', problem: { ...problemOf(409, 'conflict', 'fix'), conflict } }
    }
    const record = held ?? { type: op.type, author: this.signedIn!.id, revs: [], withdrawn: false }
    const rev = record.revs.length + 1
    record.revs.push({ sha256, body: told, rev })
    this.records.set(op.id, record)
    return { status: 'applied', rev, receipt: this.receipt(op.id, rev, sha256) }
  }

  private issue(asked: Asked, url: URL): Response {
    const [, id, what] = /^\/api\/v1\/issues\/?([^/]*)\/?(\w*)$/.exec(url.pathname) ?? []
    if (!id) return json({ items: url.searchParams.get('box') === 'raised' ? [...this.records].filter(([, one]) => one.type === 'issue').map(([one]) => this.card(one, false)) : [], next_cursor: null })
    if (!this.records.has(id)) return problem(404, 'unknown_issue', 'fix')
    if (what !== 'events') return json(this.card(id, true))
    const event = JSON.parse(asked.body) as Record<string, unknown>
    const before = this.events.get(id) ?? []
    const known = before.find((one) => one.id === event.id)
    if (known && canonical(known) !== canonical(event)) return problem(409, 'event_id_taken', 'fix')
    if (!known) this.events.set(id, [...before, event])
    return json(this.card(id, true), known ? 200 : 201)
  }

  /** A problem as the list tells it; with what was done, as its own door does. */
  private card(id: string, withEvents: boolean): Record<string, unknown> {
    const held = this.records.get(id)!
    const events = this.events.get(id) ?? []
    const place = { id: 's', name: '一号工地' }
    return {
      ...held.revs[held.revs.length - 1]!.body, id, rev: held.revs.length, site: place, enterprise: null, state: 'raised',
      may: ['reply'], may_edit: true, updated_at: `${held.revs.length}.${events.length}`, ...(withEvents ? { events } : {}),
    }
  }

  private announce(op: Op): Record<string, unknown> {
    const sha256 = String(op.body.sha256)
    const photo = this.photos.get(op.id) ?? { sha256, size: Number(op.body.size), bytes: new Uint8Array(0), isReceived: false }
    this.photos.set(op.id, photo)
    if (photo.isReceived) return { status: 'duplicate', state: 'received', receipt: this.receipt(op.id, 1, sha256) }
    if (this.grantUrl) return { status: 'applied', state: 'expected', upload: { kind: 'put', method: 'PUT', url: this.grantUrl, headers: {}, expires_at: '' } }
    const upload = { kind: 'tus', method: 'POST', url: `/api/v1/photos/${op.id}/tus?until=1&signature=s`, headers: { 'Tus-Resumable': '1.0.0' }, expires_at: '' }
    return { status: 'applied', state: 'expected', upload }
  }

  private tus(asked: Asked, id: string, bytes: Uint8Array): Response {
    const photo = this.photos.get(id)
    if (!photo) return problem(404, 'unknown_upload', 'retry')
    if (asked.method === 'POST') return tus(201, photo.bytes.length, { Location: `/api/v1/photos/${id}/tus?until=1&signature=s` })
    if (asked.method === 'PATCH') {
      if (Number(asked.headers.get('Upload-Offset')) !== photo.bytes.length) return tus(409, photo.bytes.length)
      photo.bytes = join(photo.bytes, bytes)
    }
    return tus(asked.method === 'HEAD' ? 200 : 204, photo.bytes.length)
  }

  private complete(id: string): Response {
    const photo = this.photos.get(id)
    if (!photo || photo.bytes.length < photo.size) return problem(409, 'not_uploaded', 'retry')
    if (sha256Hex(photo.bytes) !== photo.sha256) return problem(422, 'bytes_differ', 'retry')
    photo.isReceived = true
    return json({ id, state: 'received', receipt: this.receipt(id, 1, photo.sha256) })
  }

  private pull(url: URL): Response {
    const cursor = url.searchParams.get('cursor')
    const [epoch, at] = cursor ? cursor.split(':').map(Number) : [this.epoch, 0]
    if (epoch !== this.epoch) return problem(410, 'cursor_expired', 'fix')
    const changes = this.changes.slice(at, at! + this.pageRows)
    const next = at! + changes.length
    return json({ changes, next_cursor: `${this.epoch}:${next}`, has_more: next < this.changes.length, server_time: new Date().toISOString() })
  }

  private receipt(id: string, rev: number, sha256: string) {
    return { id, rev, sha256, received_at: new Date().toISOString(), seal: null }
  }
}

export function json(document: unknown, status = 200): Response {
  return new Response(JSON.stringify(document), { status, headers: { 'Content-Type': 'application/json', Date: new Date().toUTCString() } })
}

export function problem(status: number, code: string, action: string, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(problemOf(status, code, action)), {
    status,
    headers: { 'Content-Type': 'application/problem+json', Date: new Date().toUTCString(), ...headers },
  })
}

function problemOf(status: number, code: string, action: string) {
  return { type: '', title: code, status, detail: code, code, client_action: action, retryable: false, errors: [], instance: '', trace_id: '' }
}

function tus(status: number, offset: number, more: Record<string, string> = {}): Response {
  return new Response(null, { status, headers: { 'Tus-Resumable': '1.0.0', 'Upload-Offset': String(offset), ...more } })
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

/** A picture of random bytes on the phone, as `takePhoto` leaves it; drawing needs a real browser. */
export async function putPhoto({ db }: App, recordId: string, size: number): Promise<{ id: string; bytes: Uint8Array }> {
  const { uuid7 } = await import('../../shared/uuid')
  const { md5Hex } = await import('../../shared/canonical')
  const bytes = new Uint8Array(size)
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65_536, size)))
  const id = uuid7()
  await db.transaction(['photos', 'bytes'], async (rows) => {
    await rows.objectStore('bytes').put(bytes.buffer, id)
    await rows.objectStore('photos').put({
      id,
      author_id: FIELD.id,
      record_id: recordId,
      content_type: 'image/jpeg',
      size,
      width: 1,
      height: 1,
      sha256: sha256Hex(bytes),
      md5: md5Hex(bytes),
      taken_at: '2026-11-22T09:30:00+08:00',
      source: 'camera',
      location: null,
      state: 'draft',
      sentBytes: 0,
      upload: null,
      allSent: false,
      hasBytes: true,
    })
  })
  return { id, bytes }
}

/** Every row of the outbox. */
export async function rowsOf({ db }: App) {
  return (await db.db()).getAll('outbox')
}
