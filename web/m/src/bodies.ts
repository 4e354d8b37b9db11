// From what was typed to what is sent: whole bodies as the doors take them, with nothing in them that was left empty.
import { offsetTime } from '../../shared/format'
import { uuid7 } from '../../shared/uuid'
import { canonical, sha256Hex } from '../../shared/canonical'
import { clockStamp } from './clock'
import type { AnswerDraft, CheckinBody, CheckinDraft, Draft, IssueBody, IssueDraft, VisitBody, VisitDraft } from './model'

const OFFSET = '+08:00'
const PLACES = 4
const AMOUNT = /^(\d{1,12})(?:\.(\d{1,8}))?$/

/** The body that is hashed, kept and sent; its text is never touched again. */
export interface Frozen {
  text: string
  sha256: string
}

/**
 * Freeze a body; `base_rev` is a condition of sending and no part of it.
 *
 * Throws a RangeError when the body has no canonical form that the server would read the same.
 */
export function freeze(body: object): Frozen {
  const { base_rev: _left, ...told } = body as Record<string, unknown>
  demandPlain(told)
  const text = canonical(told)
  return { text, sha256: sha256Hex(text) }
}

function demandPlain(value: unknown): void {
  if (typeof value === 'number' && (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))) {
    throw new RangeError('a number that JSON cannot carry')
  }
  if (typeof value === 'string' && LONE_SURROGATE.test(value)) throw new RangeError('half of a character')
  if (value !== null && typeof value === 'object') Object.values(value).forEach(demandPlain)
}

// Pasted emoji are cut in half by some keyboards; such a text would travel to a quarantine.
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?:^|[^\uD800-\uDBFF])[\uDC00-\uDFFF]|\u0000/

/** An amount in 万元 as the doors want it; null when it cannot be read as one, the empty text when nothing was typed. */
export function inWan(amount: string, unit: VisitDraft['amountUnit']): string | null {
  const typed = amount.replace(/[,，\s]/g, '')
  if (!typed) return ''
  const found = AMOUNT.exec(typed)
  if (!found) return null
  const shift = unit === 'yi' ? PLACES : 0
  const digits = (found[2] ?? '').padEnd(shift, '0')
  const whole = `${found[1]}${digits.slice(0, shift)}`.replace(/^0+(?=\d)/, '')
  const rest = digits.slice(shift).replace(/0+$/, '')
  if (rest.length > PLACES || whole.length > 12) return null
  return rest ? `${whole}.${rest}` : whole
}

/** Minutes of the office's wall clock as an instant: `2026-11-22T09:30` → `2026-11-22T09:30:00+08:00`. */
export function atOffset(local: string): string {
  return `${local.length === 16 ? `${local}:00` : local}${OFFSET}`
}

/** An instant as minutes of the office's wall clock. */
export function localMinutes(at: string | Date): string {
  return offsetTime(new Date(at)).slice(0, 16)
}

const some = (text: string): string | undefined => text.trim() || undefined

function placeOf(draft: Draft): VisitBody['location'] {
  return draft.withoutPlace || !draft.fix?.place ? undefined : draft.fix.place
}

function clock(): { clock?: VisitBody['clock'] } {
  const stamp = clockStamp()
  return stamp ? { clock: stamp } : {}
}

export function visitBody(draft: VisitDraft, now = new Date()): VisitBody {
  const amount = inWan(draft.amount, draft.amountUnit)
  return {
    ...(draft.enterprise_id
      ? { enterprise_id: draft.enterprise_id }
      : {
          enterprise: {
            name: draft.free.name.trim(),
            credit_code: some(draft.free.credit_code),
            kind: (some(draft.free.kind) ?? undefined) as NonNullable<VisitBody['enterprise']>['kind'],
            city: some(draft.free.city),
          },
        }),
    visited_at: atOffset(draft.visited_at),
    ended_at: draft.ended_at ? atOffset(draft.ended_at) : undefined,
    mode: draft.mode,
    method: (draft.method ?? undefined) as VisitBody['method'],
    place: some(draft.place),
    location: placeOf(draft),
    led_by: some(draft.led_by.name) ? { name: draft.led_by.name.trim(), rank: some(draft.led_by.rank) } : undefined,
    participants: draft.participants
      .filter((one) => some(one.name))
      .map((one) => ({ name: one.name.trim(), user_id: one.user_id ?? undefined, rank: some(one.rank) })),
    hosts: draft.hosts
      .filter((one) => some(one.name))
      .map((one) => ({ name: one.name.trim(), title: some(one.title), phone: some(one.phone) })),
    summary: some(draft.summary),
    intention: draft.intention ?? undefined,
    amount_wan: amount || undefined,
    next_step: some(draft.next_step),
    next_on: draft.next_on || undefined,
    trip_id: draft.trip_id ?? undefined,
    joint_units: draft.joint_units.length ? [...draft.joint_units] : undefined,
    visitor_id: draft.visitor_id ?? undefined,
    photo_ids: [...draft.photo_ids],
    captured_at: offsetTime(now),
    ...clock(),
  }
}

export function checkinBody(draft: CheckinDraft, now = new Date()): Omit<CheckinBody, 'base_rev'> {
  const text = some(draft.progress_text)
  const told: Partial<CheckinBody> = {
    site_id: draft.site_id ?? '',
    kind: draft.kind,
    at: atOffset(draft.at),
    location: placeOf(draft) ?? undefined,
    note: some(draft.note),
    photo_ids: [...draft.photo_ids],
    captured_at: offsetTime(now),
    ...clock(),
  }
  if (draft.percent !== null || text !== undefined) {
    told.progress = { percent: draft.percent, text: text ?? null }
  }
  return told as CheckinBody
}

/** It has no position: the site has one. */
export function issueBody(draft: IssueDraft, now = new Date()): Omit<IssueBody, 'base_rev'> {
  const told: Partial<IssueBody> = {
    category: (draft.category || 'other') as IssueBody['category'],
    severity: draft.severity,
    call: draft.call?.length ? [...draft.call] : undefined,
    text: draft.text.trim(),
    site_id: draft.site_id ?? undefined,
    enterprise_id: draft.enterprise_id ?? undefined,
    checkin_id: draft.checkin_id ?? undefined,
    visit_id: draft.visit_id ?? undefined,
    photo_ids: [...draft.photo_ids],
    raised_at: draft.raised_at || offsetTime(now),
    captured_at: offsetTime(now),
    ...clock(),
  }
  return told as IssueBody
}

/** The problem that a check-in raises; null when it tells none. An edit raises none again. */
export function issueOf(draft: CheckinDraft, now = new Date()): IssueDraft | null {
  if (draft.kind !== 'service' || !draft.category || draft.isEdit) return null
  return {
    ...newIssue(draft.author_id, now),
    site_id: draft.site_id,
    site_name: draft.site_name,
    category: draft.category,
    severity: draft.severity ?? 'general',
    call: draft.call,
    text: draft.note,
    checkin_id: draft.id,
    photo_ids: draft.photo_ids,
  }
}

/** What of a form stops it from being kept, by field; empty when nothing does. Screens put it into words. */
export function lacking(draft: Draft): string[] {
  if (draft.type === 'checkin') return told([!draft.site_id && 'site_id', !draft.at && 'at', issueOf(draft) && !some(draft.note) && 'text'])
  if (draft.type === 'issue') return told([!draft.site_id && !draft.enterprise_id && 'site_id', !some(draft.text) && 'text'])
  if (draft.type === 'answer') return told([draft.kind !== 'report_in' && draft.kind !== 'confirm' && !some(draft.text) && 'text'])
  return told([
    !draft.enterprise_id && !some(draft.free.name) && 'enterprise',
    !draft.visited_at && 'visited_at',
    inWan(draft.amount, draft.amountUnit) === null && 'amount',
    Boolean(draft.ended_at) && draft.ended_at < draft.visited_at && 'ended_at',
  ])
}

const told = (lacks: (string | false | null)[]): string[] => lacks.filter(Boolean) as string[]

function anyDraft(authorId: string, now: Date) {
  return {
    id: uuid7(now.getTime()),
    author_id: authorId,
    startedAt: now.toISOString(),
    changedAt: now.toISOString(),
    editsRev: null,
    isEdit: false,
    photo_ids: [],
    fix: null,
    withoutPlace: false,
  }
}

export function newVisit(authorId: string, now = new Date()): VisitDraft {
  return {
    ...anyDraft(authorId, now),
    type: 'visit',
    enterprise_id: null,
    enterprise_name: '',
    free: { name: '', credit_code: '', kind: '', city: '' },
    visited_at: localMinutes(now),
    ended_at: '',
    mode: 'door_to_door',
    method: null,
    place: '',
    led_by: { name: '', rank: '' },
    participants: [],
    hosts: [],
    summary: '',
    intention: null,
    amount: '',
    amountUnit: 'wan',
    next_step: '',
    next_on: '',
    trip_id: null,
    joint_units: [],
    visitor_id: null,
  }
}

export function newCheckin(authorId: string, now = new Date()): CheckinDraft {
  return {
    ...anyDraft(authorId, now),
    type: 'checkin',
    site_id: null,
    site_name: '',
    kind: 'progress',
    at: localMinutes(now),
    note: '',
    percent: null,
    progress_text: '',
    category: '',
    severity: 'general',
  }
}

/** Its photos carry no position either. */
export function newIssue(authorId: string, now = new Date()): IssueDraft {
  return {
    ...anyDraft(authorId, now),
    withoutPlace: true,
    type: 'issue',
    site_id: null,
    site_name: '',
    enterprise_id: null,
    enterprise_name: '',
    category: '',
    severity: 'general',
    text: '',
    checkin_id: null,
    visit_id: null,
    raised_at: '',
  }
}

export function newAnswer(authorId: string, issue: { id: string; title: string }, kind: AnswerDraft['kind'], now = new Date()): AnswerDraft {
  return {
    ...anyDraft(authorId, now),
    withoutPlace: true,
    type: 'answer',
    issue_id: issue.id,
    title: issue.title,
    kind,
    text: '',
    satisfied: true,
    tried: null,
  }
}
