// One request, and what may be believed of its answer. Hotels and offices answer everything with `200` and a page of
// their own until somebody clicks "agree"; so an answer of ours is JSON that can be read, and a refusal names its code.
import { refusalOf, Refused, Unreachable } from '../../shared/problem'
import { sessionFetch } from '../../shared/session'
import { courseOf, stopOf } from './backoff'
import { meet } from './clock'
import { APP_VERSION } from './device'
import type { Stopped } from './model'

const TIMEOUT_MS = 30_000

/** Nothing more is sent until a person acts: signs in, or installs the new app. The outbox is whole. */
export class PersonNeeded extends Error {
  readonly stopped: Stopped

  constructor(stopped: Stopped) {
    super(stopped)
    this.name = 'PersonNeeded'
    this.stopped = stopped
  }
}

export interface Answer {
  status: number
  document: Record<string, unknown>
  /** Seconds, where the server asks to wait. */
  retryAfter: number | null
}

export type Method = 'GET' | 'POST' | 'PUT'

/**
 * An answer of ours that is a success, as the signed-in person; `body` is JSON as it is to be sent.
 *
 * Throws `Unreachable` (nothing that can be believed came), `Refused`, or {@link PersonNeeded}.
 */
export async function ask(method: Method, path: string, body?: string): Promise<Answer> {
  const response = await timed((signal) => sessionFetch(dressed(method, path, body, signal)))
  if (!response.ok) throw await refused(response)
  heard(response)
  if (response.status === 204) return { status: 204, document: {}, retryAfter: null }
  return { status: response.status, document: await documentOf(response), retryAfter: secondsOf(response) }
}

/** A success of ours to a request that carries headers of its own and no body. Throws as {@link ask} does. */
export async function post(path: string, headers: Record<string, string>): Promise<Response> {
  const response = await timed((signal) => {
    const request = dressed('POST', path, undefined, signal)
    for (const [name, value] of Object.entries(headers)) request.headers.set(name, value)
    return sessionFetch(request)
  })
  if (!response.ok) throw await refused(response)
  return response
}

/** Whatever is answered to exactly these headers at a granted address; no sign-in is shown there. */
export async function raw(method: string, url: string, headers: Record<string, string>, body?: BodyInit): Promise<Response> {
  const to = new URL(url, self.location.origin)
  return timed((signal) => fetch(to, { method, headers, body, signal, credentials: 'omit', redirect: 'error', cache: 'no-store' }))
}

/** A refusal of ours; any other answer is none. */
export async function refused(response: Response): Promise<Error> {
  const refusal = await refusalOf(response)
  if (refusal.code.startsWith('http_')) return new Unreachable(`${response.status} is not an answer of ours`)
  heard(response)
  const course = courseOf(refusal.problem)
  return course === 'login' || course === 'upgrade' ? new PersonNeeded(stopOf(refusal.problem)) : refusal
}

function dressed(method: Method, path: string, body: string | undefined, signal: AbortSignal): Request {
  const headers: Record<string, string> = {
    Accept: 'application/json, application/problem+json',
    'X-Phone-Time': new Date().toISOString(),
    'X-App-Version': APP_VERSION,
  }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  const init: RequestInit = { method, headers, signal, redirect: 'error', cache: 'no-store' }
  return new Request(new URL(path, self.location.origin), body === undefined ? init : { ...init, body })
}

async function timed(send: (signal: AbortSignal) => Promise<Response>): Promise<Response> {
  const hurry = new AbortController()
  const timer = setTimeout(() => hurry.abort(), TIMEOUT_MS)
  try {
    const response = await send(hurry.signal)
    // The body counts as part of the answer: a line that breaks in the middle of it has answered nothing.
    const bytes = await response.arrayBuffer()
    const isEmpty = response.status === 204 || response.status === 304 || bytes.byteLength === 0
    return new Response(isEmpty ? null : bytes, { status: response.status, statusText: response.statusText, headers: response.headers })
  } catch (cause) {
    throw cause instanceof Refused || cause instanceof Unreachable ? cause : new Unreachable(cause)
  } finally {
    clearTimeout(timer)
  }
}

async function documentOf(response: Response): Promise<Record<string, unknown>> {
  const kind = (response.headers.get('Content-Type') ?? '').split(';')[0]!.trim().toLowerCase()
  if (kind !== 'application/json') throw new Unreachable(`${response.status} with ${kind || 'no type'} is not an answer of ours`)
  let told: unknown
  try {
    told = await response.json()
  } catch (cause) {
    throw new Unreachable(cause)
  }
  if (told === null || typeof told !== 'object' || Array.isArray(told)) throw new Unreachable('JSON that says nothing')
  return told as Record<string, unknown>
}

function heard(response: Response): void {
  const at = Date.parse(response.headers.get('Date') ?? '')
  if (!Number.isNaN(at)) meet(new Date(at).toISOString())
}

function secondsOf(response: Response): number | null {
  const told = Number(response.headers.get('Retry-After') ?? Number.NaN)
  return Number.isFinite(told) && told >= 0 ? told : null
}
