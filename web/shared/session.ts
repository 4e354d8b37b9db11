// The browser is signed in by cookies that no script can read; what scripts hold is the CSRF token, which every
// request that changes something carries, and who the person is.
import { refusalOf, Refused, Unreachable } from './problem'

export interface Person {
  id: string
  username: string
  name: string
  unit: { id: string; name: string; kind: string }
  roles: string[]
  must_change_password: boolean
}

export interface SignedIn {
  user: Person
  csrf_token: string
  expires_at: string
}

const DOOR = '/api/v1/browser/sessions'
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

let csrf: string | null = null
let language = 'zh-CN'
let refreshing: Promise<boolean> | null = null
let cutOff = false

/** The language answers should come in. */
export function speak(tag: string): void {
  language = tag
}

/** What a worker starts with, when the page has been there before it. */
export function useCsrf(token: string | null): void {
  csrf = token
}

function dressed(request: Request): Request {
  const headers = new Headers(request.headers)
  headers.set('Accept-Language', language)
  if (!SAFE.has(request.method) && csrf) headers.set('X-CSRF-Token', csrf)
  return new Request(request, { headers, credentials: 'same-origin' })
}

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(dressed(request))
  } catch (cause) {
    if (request.signal.aborted) throw cause
    throw new Unreachable(cause)
  }
}

async function ask(path: string, method: string, body?: unknown): Promise<SignedIn> {
  const init: RequestInit = { method }
  if (body !== undefined) {
    init.body = JSON.stringify(body)
    init.headers = { 'Content-Type': 'application/json' }
  }
  const response = await send(new Request(new URL(DOOR + path, self.location.origin), init))
  if (!response.ok) throw await refusalOf(response)
  const told = await signedInOf(response)
  csrf = told.csrf_token
  cutOff = false
  return told
}

/** A gateway's own page may come with 200, too: it says nothing about who is signed in. */
async function signedInOf(response: Response): Promise<SignedIn> {
  const told = (await response.json().catch((cause: unknown) => {
    throw new Unreachable(cause)
  })) as Partial<SignedIn> | null
  if (typeof told?.csrf_token !== 'string') throw new Unreachable('not an answer of ours')
  return told as SignedIn
}

/** New cookies for old; one at a time however many requests found out together. */
function renewed(): Promise<boolean> {
  refreshing ??= ask('/refresh', 'POST', {})
    .then(() => true)
    .catch((problem: unknown) => {
      if (!(problem instanceof Refused) || ![401, 403].includes(problem.status)) throw problem
      // A device that was cut off may still hand in what it holds: the refusal brings the page's proof for that.
      if (typeof problem.problem.csrf_token !== 'string') return false
      csrf = problem.problem.csrf_token
      cutOff = true
      return true
    })
    .finally(() => {
      refreshing = null
    })
  return refreshing
}

/**
 * `fetch` as the signed-in person: renews the session once when it has ended, and the CSRF token once when it is stale.
 *
 * Throws {@link Unreachable} when the line broke; refusals are answers, see {@link refusalOf}.
 */
export async function sessionFetch(request: Request): Promise<Response> {
  const again = request.clone()
  const first = await send(request)
  if (first.status === 401 && (await renewed())) return send(again)
  if (first.status === 403) {
    const told = await refusalOf(first)
    if (told.code === 'csrf_failed' && (await whoami())) return send(again)
  }
  return first
}

/** Whether this device or its person was cut off: it may hand in what it holds, and nothing else. */
export function isCutOff(): boolean {
  return cutOff
}

/** Nobody, too, when the sign-in was cut off in the meantime. */
async function current(): Promise<SignedIn | null> {
  try {
    return await ask('/current', 'GET')
  } catch (problem) {
    if (problem instanceof Refused && problem.status === 401) return null
    throw problem
  }
}

/** Who is signed in here, or nobody. */
export async function whoami(): Promise<SignedIn | null> {
  try {
    return await ask('/current', 'GET')
  } catch (problem) {
    if (!(problem instanceof Refused) || problem.status !== 401) throw problem
    return (await renewed()) ? current() : null
  }
}

export interface ThisDevice {
  id: string
  platform: string
  model: string
  app_version: string
}

export function signIn(username: string, password: string, device: ThisDevice | null): Promise<SignedIn> {
  return ask('', 'POST', { username, password, device })
}

export function enrol(pin: string, device: ThisDevice): Promise<SignedIn> {
  return ask('/enrol', 'POST', { pin, device })
}

export async function signOut(): Promise<void> {
  const response = await sessionFetch(
    new Request(new URL(`${DOOR}/current`, self.location.origin), { method: 'DELETE' }),
  )
  if (!response.ok && response.status !== 401) throw await refusalOf(response)
  csrf = null
}
