// One round: records, photos, the feed, and word of what is left; each way rests by itself when it is refused. Nothing
// here is remembered but pauses, so a restart just tries again.
import { Refused, Unreachable } from '../../shared/problem'
import { isCutOff, speak, whoami } from '../../shared/session'
import { pauseMs, waitOf } from './backoff'
import { readCallable } from './callable'
import { elapsedMs, lastServerTime } from './clock'
import { fact, PhoneFull, remember } from './db'
import { isCellular, wifiOnly } from './device'
import { beat } from './heartbeat'
import { letGo } from './keeping'
import { alone } from './lock'
import type { OutboxStatus, Round, Stopped } from './model'
import { tell } from './news'
import { nextDueMs, retry } from './outbox'
import { knownPerson, rememberPerson } from './person'
import { pullEverything, pullHeadline } from './pull'
import { RECORDS, sendRecords } from './push'
import { PHOTOS, sendPhotos } from './uploads'
import { askToBeWoken, askToBeWokenDaily } from './wake'
import { PersonNeeded } from './wire'

export type Reason = 'start' | 'kept' | 'online' | 'visible' | 'timer' | 'person' | 'signed_in' | 'worker'

/** A person who looks at the screen expects that something is tried now. */
const BY_HAND: readonly Reason[] = ['person', 'signed_in', 'start']
/** How long a round that found nobody signed in lets everything rest. */
const STOPPED_MS = 300_000
const IDLE_MS = 60_000
const LEAST_MS = 250
const QUIET_MS = 300_000
const GLANCE_MS = 30_000
const HOUR_MS = 3_600_000

/** One way of talking to the server, and how long it rests. */
interface Lane {
  run(personId: string, round: Round): Promise<void>
  failures: number
  restsUntil: number
  why: { code: string; detail: string } | null
  /** The server itself has asked for the rest. */
  isAsked: boolean
}

const lane = (run: Lane['run']): Lane => ({ run, failures: 0, restsUntil: 0, why: null, isAsked: false })

const records = lane(sendRecords)
const photos = lane(async (personId, round) => {
  if (!((await wifiOnly()) && isCellular())) await sendPhotos(personId, round)
})
const feed = lane(async (personId, round) => {
  await pullEverything(personId, round)
  await pullHeadline()
  await readCallable()
})
const heart = lane(beat)
const lanes = [records, photos, feed, heart]

let running: Promise<Round> | null = null
let isWantedAgain = false
let hasMet = false
let timer: ReturnType<typeof setTimeout> | null = null
/** By the counter: when a round last found everything proved and the feed at its end, and when old items were let go. */
let wholeAt: number | null = null
let letGoAt: number | null = null

/** Whether a round is under way in this page. */
export function isSending(): boolean {
  return running !== null
}

/** Why sending rests as a whole just now, and for how long. */
export function restsFor(): OutboxStatus['resting'] {
  const resting = [records, photos].filter((one) => one.why !== null && one.restsUntil > elapsedMs())
  if (!resting.length) return null
  const longest = resting.reduce((a, b) => (a.restsUntil > b.restsUntil ? a : b))
  return { ...longest.why!, untilMs: Math.round(longest.restsUntil - elapsedMs()) }
}

/** Everything that may go, goes. Whatever goes wrong is in the round. */
export function flush(reason: Reason): Promise<Round> {
  if (BY_HAND.includes(reason)) wake()
  if (running) {
    isWantedAgain = true
    return running
  }
  running = rounds(reason).finally(() => {
    running = null
    tell('outbox')
  })
  tell('outbox')
  return running
}

/** Keep at it while the page is open: at start, when the line comes back, when the page is seen again, by the clock. */
export function keepFlushing(): () => void {
  const online = () => void flush('online')
  const seen = () => {
    if (document.visibilityState === 'visible') void flush('visible')
  }
  self.addEventListener('online', online)
  document.addEventListener('visibilitychange', seen)
  void flush('start')
  void askToBeWokenDaily()
  const again = () => {
    timer = setTimeout(() => void flush('timer').finally(again), IDLE_MS)
  }
  again()
  return () => {
    self.removeEventListener('online', online)
    document.removeEventListener('visibilitychange', seen)
    if (timer !== null) clearTimeout(timer)
  }
}

/** How long until there is something of the outbox to try; null when nothing is unsent. */
export async function nextTryMs(): Promise<number | null> {
  const person = await knownPerson()
  if (!person) return null
  const due = await Promise.all(
    ([[records, RECORDS], [photos, PHOTOS]] as const).map(async ([way, types]) => {
      const own = await nextDueMs(types, person.id)
      return own === null ? null : Math.max(own, way.restsUntil - elapsedMs(), 0)
    }),
  )
  const known = due.filter((one): one is number => one !== null)
  return known.length ? Math.min(...known) : null
}

/** Pauses that grew by themselves end; those the server asked for do not. */
function wake(): void {
  for (const one of lanes) if (!one.isAsked) one.restsUntil = 0
  void retry()
}

/** Without any network nobody is asked; by hand and by the clock all the same, for some web views say so wrongly. */
function isInVain(reason: Reason): boolean {
  return navigator.onLine === false && ['start', 'kept', 'visible'].includes(reason)
}

/** With nothing to send the feed is not asked every minute, nor at each glance: five hundred phones would be a crowd. */
async function isTooSoon(reason: Reason): Promise<boolean> {
  const patience = { timer: QUIET_MS, visible: GLANCE_MS }[reason as string]
  if (patience === undefined || wholeAt === null || elapsedMs() - wholeAt > patience) return false
  return (await nextTryMs()) === null
}

async function rounds(reason: Reason): Promise<Round> {
  let done: Round
  if (isInVain(reason)) return { ...emptyRound(), faults: { offline: 1 } }
  if (await isTooSoon(reason)) return emptyRound()
  do {
    isWantedAgain = false
    done = (await alone(oneRound)) ?? { ...emptyRound(), isElsewhere: true }
  } while (isWantedAgain)
  if (reason !== 'worker') {
    void comeBack()
    if ((await nextTryMs()) !== null) void askToBeWoken()
  }
  return done
}

let comingBack: ReturnType<typeof setTimeout> | null = null

/** A pause that ends before the next minute is not slept over. */
async function comeBack(): Promise<void> {
  const due = await nextTryMs()
  if (due === null || due >= IDLE_MS || typeof document === 'undefined') return
  if (comingBack !== null) clearTimeout(comingBack)
  comingBack = setTimeout(() => void flush('timer'), Math.max(due, LEAST_MS))
}

function emptyRound(): Round {
  return {
    sent: 0,
    photos: 0,
    pieces: 0,
    pulled: 0,
    putOff: 0,
    held: 0,
    recalled: 0,
    faults: {},
    stopped: null,
    isReported: false,
    isElsewhere: false,
  }
}

async function oneRound(): Promise<Round> {
  const round = emptyRound()
  if (lanes.every((one) => one.restsUntil > elapsedMs())) return round
  try {
    // The worker has no page to know it from.
    const language = await fact('language')
    if (language) speak(language)
    await meetPerson()
    const person = await knownPerson()
    if (person) for (const one of lanes) if (one.restsUntil <= elapsedMs()) await run(one, person.id, round)
    if (person) await noteSuccess(round)
  } catch (cause) {
    if (!(cause instanceof PersonNeeded)) return phoneFailed(round, cause)
    round.stopped = cause.stopped === 'sign_in' && isCutOff() ? 'cut_off' : cause.stopped
    await stop(round.stopped)
  }
  return round
}

/** The phone itself, not the line: nothing is lost, and whoever looks at the console finds out why. */
function phoneFailed(round: Round, cause: unknown): Round {
  console.error(cause)
  round.faults.phone_failed = (round.faults.phone_failed ?? 0) + 1
  return round
}

/** Once after a start: who is signed in here, and the page's proof. A line that is down tells nothing about that. */
async function meetPerson(): Promise<void> {
  if (hasMet || !(await knownPerson())) return
  try {
    const found = await whoami()
    if (found) await rememberPerson(found.user)
    hasMet = true
  } catch (cause) {
    if (!(cause instanceof Unreachable) && !(cause instanceof Refused)) throw cause
  }
}

async function stop(stopped: Stopped): Promise<void> {
  hasMet = false
  for (const one of lanes) Object.assign(one, { restsUntil: elapsedMs() + STOPPED_MS, isAsked: false })
  if ((await fact('stopped')) !== stopped) await remember({ stopped })
  tell('person')
}

async function noteSuccess(round: Round): Promise<void> {
  const isQuiet = lanes.every((one) => one.why === null)
  if (isQuiet && (await fact('stopped')) !== undefined) {
    await remember({ stopped: undefined })
    tell('person')
  }
  const heardAt = lastServerTime()
  if (heardAt === null || Object.keys(round.faults).length > 0) return
  const isWhole = isQuiet && (await nextTryMs()) === null
  await remember({ server_time: heardAt, ...(isWhole ? { synced_at: heardAt } : {}) })
  if (isWhole) wholeAt = elapsedMs()
  if (letGoAt !== null && elapsedMs() - letGoAt < HOUR_MS) return
  letGoAt = elapsedMs()
  await letGo(heardAt)
}

async function run(way: Lane, personId: string, round: Round): Promise<void> {
  const before = progressOf(round)
  try {
    await way.run(personId, round)
    way.failures = 0
    way.why = null
    way.isAsked = false
  } catch (fault) {
    if (!(fault instanceof Unreachable || fault instanceof Refused || fault instanceof PhoneFull)) throw fault
    const code = fault instanceof Refused ? fault.code : fault instanceof PhoneFull ? 'phone_full' : 'no_answer'
    round.faults[code] = (round.faults[code] ?? 0) + 1
    const asked = fault instanceof Refused ? waitOf(fault.problem, fault.retryAfter) : null
    // Pauses grow only while nothing gets through: a line that cuts one call in three still works.
    way.failures = progressOf(round) > before ? 1 : way.failures + 1
    way.restsUntil = elapsedMs() + pauseMs(way.failures, asked)
    way.why = { code, detail: fault instanceof Refused ? (fault.problem.detail ?? fault.problem.title) : '' }
    way.isAsked = asked !== null
  }
}

function progressOf(round: Round): number {
  return round.sent + round.photos + round.pieces + round.pulled + round.held
}
