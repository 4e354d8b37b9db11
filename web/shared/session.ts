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
  const told = (await response.json()) as SignedIn
  csrf = told.csrf_token
  return told
}

/** New cookies for old; one at a time however many requests found out together. */
function renewed(): Promise<boolean> {
  refreshing ??= ask('/refresh', 'POST', {})
    .then(() => true)
    .catch((problem: unknown) => {
      if (problem instanceof Refused) return false
      throw problem
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

/** Who is signed in here, or nobody. */
export async function whoami(): Promise<SignedIn | null> {
  try {
    return await ask('/current', 'GET')
  } catch (problem) {
    if (!(problem instanceof Refused) || problem.status !== 401) throw problem
    return (await renewed()) ? ask('/current', 'GET') : null
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
