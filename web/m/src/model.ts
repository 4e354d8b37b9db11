// What lies on the phone: drafts, what waits to be sent, and what was pulled. Screens read these shapes and nothing else.
import type { Schemas } from '../../shared/api'
import type { Problem } from '../../shared/problem'

export type VisitBody = Schemas['VisitIn']
export type CheckinBody = Schemas['CheckinIn']
export type Place = Schemas['LocationIn']
export type Receipt = Schemas['ReceiptOut'] | Schemas['PhotoReceiptOut']
export type VisitRow = Schemas['VisitOut']
export type CheckinRow = Schemas['CheckinOut']
export type KeptRow = Schemas['KeptOut']
export type Code = Schemas['CodeOut']
export type CodeListName = keyof Schemas['CodeListsOut']
/** `GET /api/v1/progress`: how the unit stands. */
export type Headline = Schemas['HeadlineOut']

// Problems, as their doors tell them

export type IssueBody = Schemas['IssueIn']
export type IssueRow = Schemas['IssueOut']
export type IssueEvent = Schemas['IssueEventOut']
/** With all that was done about it, oldest first, once that was read. */
export type IssueCard = IssueRow & { events?: IssueEvent[] }
export type CallableUnit = Schemas['CallableUnitOut']

/** The units that a problem may call, as they were told at `at` by the phone's clock. */
export interface CallableUnits {
  at: string
  units: CallableUnit[]
}

/** What the phone offers to do about one. */
export type Answer = 'report_in' | 'reply' | 'resolve' | 'confirm' | 'reopen'

/** What the server last told of a person's problems; each box names its rows, the latest first. */
export interface IssueBoxes {
  of: string
  at: string
  raised: string[]
  called: string[]
  rows: Record<string, IssueCard>
}

// Where and when

export type NoFix = 'denied' | 'timeout' | 'unavailable' | 'insecure' | 'unsupported'

/** A position as the browser found it (WGS 84), or why there is none. */
export type Fix =
  | { place: Place & { datum: 'wgs84'; accuracy_m: number }; at: string; none: null }
  | { place: null; at: string; none: NoFix }

// Drafts: everything needed to open a form again after the camera has killed the page

export interface PersonEntry {
  name: string
  title: string
  phone: string
}

export interface OurPerson {
  name: string
  rank: string
  user_id: string | null
}

export interface EnterpriseEntry {
  name: string
  credit_code: string
  kind: string
  city: string
}

interface AnyDraft {
  /** The record's id, made when the form is opened: a form sent twice is one record. */
  id: string
  author_id: string
  /** By the phone's clock, ISO 8601. */
  startedAt: string
  changedAt: string
  /** The revision the person has before their eyes when they mend a record that was sent; null for a new one. */
  editsRev: number | null
  /** Whether it mends a record that has been handed in. */
  isEdit: boolean
  photo_ids: string[]
  fix: Fix | null
  /** The person chose to send no position. */
  withoutPlace: boolean
}

export interface VisitDraft extends AnyDraft {
  type: 'visit'
  enterprise_id: string | null
  /** Shown for `enterprise_id`, which may be gone from the roster later. */
  enterprise_name: string
  /** A company that is not in the roster; used when `enterprise_id` is null. */
  free: EnterpriseEntry
  /** `2026-11-22T09:30`, local time of the office. */
  visited_at: string
  ended_at: string
  mode: VisitBody['mode']
  method: string | null
  place: string
  led_by: { name: string; rank: string }
  participants: OurPerson[]
  hosts: PersonEntry[]
  summary: string
  intention: NonNullable<VisitBody['intention']> | null
  /** As typed, with its unit apart: see {@link inWan}. */
  amount: string
  amountUnit: 'wan' | 'yi'
  next_step: string
  next_on: string
  trip_id: string | null
  joint_units: string[]
  visitor_id: string | null
}

export interface CheckinDraft extends AnyDraft {
  type: 'checkin'
  site_id: string | null
  site_name: string
  kind: CheckinBody['kind']
  /** `2026-11-22T09:30`, local time of the office. */
  at: string
  note: string
  percent: number | null
  progress_text: string
  /** Of the problem that is raised together with it; empty when none is. Forms of older apps have none of them. */
  category?: string
  severity?: IssueBody['severity']
  call?: string[]
}

export interface IssueDraft extends AnyDraft {
  type: 'issue'
  site_id: string | null
  site_name: string
  enterprise_id: string | null
  enterprise_name: string
  category: string
  severity: IssueBody['severity']
  /** The units that the person calls, the first to lead; without any, those of the category's route. */
  call?: string[]
  text: string
  checkin_id: string | null
  visit_id: string | null
  /** Of an edit: when it was raised. A new one is raised when it is handed in. */
  raised_at: string
}

/** What somebody does about a problem; its id is the event's, so that a repeat is no second one. */
export interface AnswerDraft extends AnyDraft {
  type: 'answer'
  issue_id: string
  /** For people: where the problem is. */
  title: string
  kind: Answer
  text: string
  satisfied: boolean
  /** The very text that was sent while nobody knows what became of it; only that may be sent again. */
  tried: string | null
}

export type Draft = VisitDraft | CheckinDraft | IssueDraft | AnswerDraft

// Photos

export type PhotoState = 'draft' | 'waiting' | 'held' | 'sent'

export interface PhotoRow {
  id: string
  author_id: string
  /** The draft or record it was taken for. */
  record_id: string
  content_type: Schemas['PhotoIn']['content_type']
  size: number
  width: number
  height: number
  sha256: string
  md5: string
  taken_at: string
  source: 'camera' | 'gallery'
  location: Place | null
  state: PhotoState
  /** Bytes that are known to have arrived. */
  sentBytes: number
  /** How to send it, as the server granted; null before it was announced. */
  upload: Schemas['UploadOut'] | null
  allSent: boolean
  /** Whether the bytes are still on this phone. */
  hasBytes: boolean
}

// The outbox

export type OutboxType = 'visit' | 'checkin' | 'issue' | 'withdrawal' | 'photo'

/**
 * ```
 * waiting ──receipt──▶ sent        kept 30 days more, for recalls
 *    └─ a person must look ─▶ held ──edited──▶ replaced   once the edit has its receipt
 *                               └─ headquarters decides ─▶ settled
 * ```
 */
export type KeptState = 'waiting' | 'held' | 'sent' | 'replaced' | 'settled'

/** What the screen shows: `sending` is a waiting row whose request is under way just now. */
export type OutboxState = KeptState | 'sending'

export type HeldBecause = 'quarantined' | 'conflict' | 'unpermitted' | 'fix' | 'free_space'

/** One thing to be sent: a revision of a record, a withdrawal, or a photo. */
export interface OutboxRow {
  seq: number
  op_id: string
  type: OutboxType
  id: string
  author_id: string
  author_name: string
  /** Canonical JSON as it was frozen; never touched again. */
  text: string
  /** Of `text`, or of the photo's bytes: what the receipt must state. */
  sha256: string
  /** For people: the enterprise's or the site's name. */
  title: string
  /** For records: the photos it names. */
  photo_ids: string[]
  /** For photos: the record it was taken for. */
  record_id: string
  /** By the phone's clock. */
  createdAt: string
  state: KeptState
  attempts: number
  decidedRev: number | null
  lastProblem: Problem | null
  heldBecause: HeldBecause | null
  receipt: Receipt | null
  /** Of the proof, by the server's clock. */
  provedAt: string | null
}

export interface PhotoProgress {
  id: string
  state: OutboxState | 'draft'
  sentBytes: number
  size: number
  problem: Problem | null
}

/** A row as the screen lists it: records with their photos beside them. */
export interface OutboxEntry {
  row: OutboxRow
  state: OutboxState
  /** The frozen body, read. */
  body: Record<string, unknown>
  photos: PhotoProgress[]
  /** Milliseconds until the next try; 0 when it is due or none is needed. */
  waitsMs: number
  /** Unsent for more than a day. */
  isLate: boolean
}

/** What a person must do before anything more is sent. */
export type Stopped = 'sign_in' | 'password' | 'upgrade' | 'cut_off'

export interface OutboxStatus {
  records: number
  photos: number
  held: number
  /** Unsent of other people on this phone. */
  others: number
  oldestAt: string | null
  isSending: boolean
  stopped: Stopped | null
  /** Why sending rests as a whole: the server's word (503, 507, 429) or a broken line; null when it does not. */
  resting: { code: string; detail: string; untilMs: number } | null
  /** The server's time when it was last heard of. */
  lastContactAt: string | null
  /** When everything was last proved to be there and the feed read to its end. */
  lastSyncedAt: string | null
}

export interface Round {
  sent: number
  photos: number
  pieces: number
  pulled: number
  putOff: number
  held: number
  recalled: number
  /** What went wrong on the way, by code. */
  faults: Record<string, number>
  stopped: Stopped | null
  isReported: boolean
  /** Another tab or the worker is at it; nothing was done here. */
  isElsewhere: boolean
}

// What was pulled

export interface NamedRow {
  id: string
  name: string
}

export interface EnterpriseRow {
  id: string
  name: string
  short_name: string | null
  aliases: { name: string; initials: string }[]
  initials: string
  credit_code: string | null
  kind: string
  country: string | null
  province: string | null
  city: string | null
  address: string | null
  industry: string | null
  chain: string | null
  well_known: boolean
  top500: string[]
  group_id: string | null
  target_lists: { list_id: string; unit_id: string | null }[]
  responsible_unit_id: string | null
  latitude: number | null
  longitude: number | null
}

export interface LastVisitRow {
  enterprise_id: string
  visited_on: string
  unit: NamedRow
  visitor: NamedRow
}

export interface SiteRow {
  id: string
  name: string
  address: string | null
  unit: NamedRow
  project: NamedRow | null
  fence: {
    kind: string
    datum: string
    centre: { lat: number; lng: number } | null
    radius_m: number | null
    corners: { lat: number; lng: number }[] | null
  }
}

export interface StationRow {
  id: string
  name: string
  unit: NamedRow
  site: NamedRow
}

export interface AssignmentRow {
  id: string
  duty: string
  from_on: string
  until_on: string | null
  site: NamedRow
}

export interface ProgrammeRow {
  id: string
  name: string
  year: number
  starts_on: string
  ends_on: string
}

export type PulledType = Schemas['ChangeOut']['type']

/** One line of the feed. */
export interface Change {
  type: PulledType
  id: string
  op: 'upsert' | 'delete'
  rev: number | null
  data: Record<string, unknown> | null
}
