// A record that was handed in, as a form again: one that was returned, one that is held, or one its author corrects.
import type { Schemas } from '../../shared/api'
import { localMinutes, newCheckin, newIssue, newVisit } from './bodies'
import type { CheckinBody, CheckinDraft, CheckinRow, Fix, IssueBody, IssueDraft, IssueRow, OutboxRow, Place, VisitBody, VisitDraft, VisitRow } from './model'

interface Seen {
  id: string
  author_id: string
  /** The revision before the person's eyes; null when nothing of it has been accepted yet. */
  rev: number | null
  /** The enterprise's or the site's name. */
  title: string
}

function fixOf(place: unknown): Fix | null {
  const held = place as (Place & { accuracy_m?: number | null }) | null | undefined
  if (!held) return null
  return { place: held as Place & { datum: 'wgs84'; accuracy_m: number }, at: '', none: null }
}

function visitFrom(seen: Seen, body: Partial<VisitBody>): VisitDraft {
  const fix = fixOf(body.location)
  return {
    ...newVisit(seen.author_id),
    id: seen.id,
    isEdit: true,
    editsRev: seen.rev,
    photo_ids: [...(body.photo_ids ?? [])],
    fix,
    withoutPlace: fix === null,
    enterprise_id: body.enterprise_id ?? null,
    enterprise_name: seen.title,
    free: {
      name: body.enterprise?.name ?? '',
      credit_code: body.enterprise?.credit_code ?? '',
      kind: body.enterprise?.kind ?? '',
      city: body.enterprise?.city ?? '',
    },
    visited_at: readMinutes(body.visited_at),
    ended_at: readMinutes(body.ended_at),
    mode: body.mode ?? 'door_to_door',
    method: body.method ?? null,
    place: body.place ?? '',
    led_by: { name: body.led_by?.name ?? '', rank: body.led_by?.rank ?? '' },
    participants: (body.participants ?? []).map((one) => ({ name: one.name, rank: one.rank ?? '', user_id: one.user_id ?? null })),
    hosts: (body.hosts ?? []).map((one) => ({ name: one.name, title: one.title ?? '', phone: one.phone ?? '' })),
    summary: body.summary ?? '',
    intention: body.intention ?? null,
    amount: body.amount_wan ?? '',
    amountUnit: 'wan',
    next_step: body.next_step ?? '',
    next_on: body.next_on ?? '',
    trip_id: body.trip_id ?? null,
    joint_units: [...(body.joint_units ?? [])],
    visitor_id: body.visitor_id ?? null,
  }
}

function checkinFrom(seen: Seen, body: Partial<CheckinBody>): CheckinDraft {
  const fix = fixOf(body.location)
  return {
    ...newCheckin(seen.author_id),
    id: seen.id,
    isEdit: true,
    editsRev: seen.rev,
    photo_ids: [...(body.photo_ids ?? [])],
    fix,
    withoutPlace: fix === null,
    site_id: body.site_id ?? null,
    site_name: seen.title,
    kind: body.kind ?? 'progress',
    at: readMinutes(body.at),
    note: body.note ?? '',
    percent: body.progress?.percent ?? null,
    progress_text: body.progress?.text ?? '',
  }
}

function issueFrom(seen: Seen, body: Partial<IssueBody>): IssueDraft {
  return {
    ...newIssue(seen.author_id),
    id: seen.id,
    isEdit: true,
    editsRev: seen.rev,
    photo_ids: [...(body.photo_ids ?? [])],
    site_id: body.site_id ?? null,
    site_name: body.site_id ? seen.title : '',
    enterprise_id: body.enterprise_id ?? null,
    enterprise_name: body.site_id ? '' : seen.title,
    category: body.category ?? '',
    severity: body.severity ?? 'general',
    call: [...(body.call ?? [])],
    text: body.text ?? '',
    checkin_id: body.checkin_id ?? null,
    visit_id: body.visit_id ?? null,
    raised_at: body.raised_at ?? '',
  }
}

/** A body that was quarantined may hold any text where a time should be. */
function readMinutes(at: string | null | undefined): string {
  return at && !Number.isNaN(Date.parse(at)) ? localMinutes(at) : ''
}

/** A pulled visit as a form; `visitor_id` only where it was written for a colleague. */
export function visitAgain(row: VisitRow, authorId: string): VisitDraft {
  const free = row.enterprise as Schemas['FreeEnterpriseIn'] | null
  const body = { ...(row as unknown as Partial<VisitBody>), enterprise: free }
  const draft = visitFrom({ id: row.id, author_id: authorId, rev: row.rev, title: row.enterprise_name ?? '' }, body)
  return { ...draft, visitor_id: row.visitor_id === row.recorded_by ? null : row.visitor_id }
}

export function checkinAgain(row: CheckinRow, authorId: string): CheckinDraft {
  const seen = { id: row.id, author_id: authorId, rev: row.rev, title: row.site.name }
  return checkinFrom(seen, row as unknown as Partial<CheckinBody>)
}

export function issueAgain(row: IssueRow, authorId: string): IssueDraft {
  const seen = { id: row.id, author_id: authorId, rev: row.rev, title: placeOf(row) }
  const body = { ...(row as unknown as Partial<IssueBody>), site_id: row.site?.id, enterprise_id: row.enterprise?.id }
  return { ...issueFrom(seen, body), site_name: row.site?.name ?? '', enterprise_name: row.enterprise?.name ?? '' }
}

/** Where a problem is, for people. */
export function placeOf(row: IssueRow): string {
  return row.site?.name ?? row.enterprise?.name ?? ''
}

/** What is held on the phone as a form again; after a conflict it stands on what the server has. */
export function heldAgain(row: OutboxRow): VisitDraft | CheckinDraft | IssueDraft | null {
  const body = JSON.parse(row.text) as object
  const rev = row.lastProblem?.conflict?.server_rev ?? row.receipt?.rev ?? row.decidedRev
  const seen = { id: row.id, author_id: row.author_id, rev: rev ?? null, title: row.title }
  if (row.type === 'visit') return visitFrom(seen, body as Partial<VisitBody>)
  if (row.type === 'issue') return issueFrom(seen, body as Partial<IssueBody>)
  return row.type === 'checkin' ? checkinFrom(seen, body as Partial<CheckinBody>) : null
}
