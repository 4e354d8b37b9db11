/** What the server says when it refuses; one shape for all doors (RFC 9457). */
export interface Problem {
  type?: string
  title: string
  status: number
  detail?: string
  code: string
  retryable?: boolean
  client_action?: 'retry' | 'wait' | 'fix' | 'quarantine' | 'login' | 'upgrade' | 'free_space'
  errors?: { pointer: string; detail: string }[]
  trace_id?: string
  quarantine?: { id: string; sha256: string; received_at: string }
  conflict?: { id: string; server_rev: number; server_sha256: string; href: string; kept_sha256: string }
  [more: string]: unknown
}

/** A refusal on its way to whoever can tell the person. */
export class Refused extends Error {
  readonly problem: Problem
  /** Seconds the server asks us to wait, when it does. */
  readonly retryAfter: number | null

  constructor(problem: Problem, retryAfter: number | null = null) {
    super(problem.detail || problem.title)
    this.name = 'Refused'
    this.problem = problem
    this.retryAfter = retryAfter
  }

  get code(): string {
    return this.problem.code
  }

  get status(): number {
    return this.problem.status
  }
}

/** The line broke, or nobody answered in time: nothing is known about what the server did. */
export class Unreachable extends Error {
  readonly why: unknown

  constructor(why?: unknown) {
    super('unreachable')
    this.name = 'Unreachable'
    this.why = why
  }
}

/** Whatever a gateway or our own server answered, as a refusal; `told` is the body, read. */
export function refusal(told: unknown, response: Response): Refused {
  const after = Number(response.headers.get('Retry-After') ?? '')
  const wait = Number.isFinite(after) && after > 0 ? after : null
  if (typeof (told as Partial<Problem> | null)?.code === 'string') return new Refused(told as Problem, wait)
  // Not ours: a proxy's page.
  return new Refused(
    { title: response.statusText || String(response.status), status: response.status, code: `http_${response.status}` },
    wait,
  )
}

/** The same of an answer whose body nobody has read yet. */
export async function refusalOf(response: Response): Promise<Refused> {
  const told: unknown = await response.clone().json().catch(() => null)
  return refusal(told, response)
}
