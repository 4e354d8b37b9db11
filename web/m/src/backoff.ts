// What the phone does after an answer that is not a receipt: the table `client_action` → course, and how long to wait.
//
//   client_action   course    the item                              the phone
//   retry           retry     again, after a growing pause          goes on with others
//   wait            wait      again, not before Retry-After         this way of sending rests as a whole
//   fix             person    waits for its owner                   goes on with others
//   quarantine      person    kept by the server; its owner mends   goes on with others
//   free_space      person    waits for its owner                   goes on with others
//   login           login     untouched                             renews, then asks the person
//   upgrade         upgrade   untouched                             stops sending and says so
import type { Problem } from '../../shared/problem'
import type { HeldBecause, Stopped } from './model'

export type Course = 'retry' | 'wait' | 'person' | 'login' | 'upgrade'

const FIRST_PAUSE_S = 1
const LONGEST_PAUSE_S = 300
/** A Retry-After beyond this is asked again earlier: a phone must not sleep for a day on one mistaken header. */
const LONGEST_WAIT_S = 3600

const BY_ACTION: Record<string, Course> = {
  retry: 'retry',
  wait: 'wait',
  fix: 'person',
  quarantine: 'person',
  free_space: 'person',
  login: 'login',
  upgrade: 'upgrade',
}
// A frozen body is whole JSON: when the server could not read it, the line has bent it. What is said of the person is
// not said of the record that happened to be sent. What waits for its parent takes effect by itself.
const BY_CODE: Record<string, Course> = {
  malformed_json: 'retry',
  waits_for_parent: 'retry',
  password_change_due: 'login',
  device_revoked: 'login',
}
const BY_STATUS: Record<number, Course> = { 401: 'login', 408: 'retry', 426: 'upgrade', 429: 'wait' }
const USUAL_WAIT_S: Record<string, number> = { waits_for_parent: 3600 }

/** What to do; a code or an action that a newer server has invented is treated by its status. */
export function courseOf(problem: Problem): Course {
  const byStatus = BY_STATUS[problem.status] ?? (problem.status >= 500 ? 'wait' : 'person')
  return BY_CODE[problem.code] ?? BY_ACTION[problem.client_action ?? ''] ?? byStatus
}

/** Seconds the server asks for, with a problem that came as one op's result or as a whole answer. */
export function waitOf(problem: Problem, header: number | null = null): number | null {
  const told = header ?? Number(problem.retry_after ?? USUAL_WAIT_S[problem.code] ?? Number.NaN)
  return Number.isFinite(told) && told >= 0 ? told : null
}

/** What a person must do before anything is sent again. */
export function stopOf(problem: Problem): Stopped {
  if (courseOf(problem) === 'upgrade') return 'upgrade'
  if (problem.code === 'password_change_due') return 'password'
  return problem.code === 'cut_off' || problem.code === 'device_revoked' ? 'cut_off' : 'sign_in'
}

/** Why a row waits for its owner. */
export function heldBecause(problem: Problem, status = ''): HeldBecause {
  if (problem.conflict !== undefined || status === 'conflict') return 'conflict'
  if (problem.quarantine !== undefined || status === 'quarantined') return 'quarantined'
  if (status === 'unpermitted') return 'unpermitted'
  return problem.client_action === 'free_space' ? 'free_space' : 'fix'
}

/** Pauses that double, with dice in them, so that five hundred phones do not come back in the same second. */
export function pauseMs(failures: number, askedS: number | null = null, dice: () => number = Math.random): number {
  const own = Math.min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** Math.min(Math.max(failures - 1, 0), 30)) * (0.5 + dice() / 2)
  const asked = askedS === null ? 0 : Math.min(askedS, LONGEST_WAIT_S) * (1 + dice() / 5)
  return Math.round(Math.max(own, asked) * 1000)
}
