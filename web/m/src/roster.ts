// What was pulled, ready to be looked up without a line: enterprises by any part of any of their names, sites by nearness.
// The register is read from the disk once and then lies in memory, so that an answer comes while the person types.
import { db, fact, remember } from './db'
import { fromSite, metresBetween, type Point } from './locate'
import type {
  AssignmentRow,
  CheckinRow,
  Code,
  CodeListName,
  EnterpriseRow,
  Headline,
  LastVisitRow,
  Place,
  ProgrammeRow,
  SiteRow,
  VisitRow,
} from './model'
import { onNews } from './news'
import { pulledRow, pulledRows } from './pull'

const MOST_RECENT = 30
const MOST_FOUND = 50

export interface Found {
  enterprise: EnterpriseRow
  /** Which of its names matched, where it is not the first one. */
  alias: string | null
  last: LastVisitRow | null
  isRecent: boolean
  metres: number | null
}

interface Entry {
  row: EnterpriseRow
  /** Names, initials and credit code, each between line breaks, as they are searched. */
  hay: string
}

interface Register {
  entries: Entry[]
  byId: Map<string, EnterpriseRow>
  last: Map<string, LastVisitRow>
}

let register: Promise<Register> | null = null
let listening = false

/** Read the register into memory ahead of the first question. */
export function warm(): Promise<unknown> {
  return loaded()
}

function loaded(): Promise<Register> {
  if (!listening) {
    listening = true
    onNews((of) => {
      if (of === 'pulled') register = null
    })
  }
  register ??= load().catch((cause: unknown) => {
    register = null
    throw cause
  })
  return register
}

async function load(): Promise<Register> {
  const [rows, last] = await Promise.all([pulledRows<EnterpriseRow>('enterprise'), pulledRows<LastVisitRow>('last_visit')])
  return {
    entries: rows.map((row) => ({ row, hay: hayOf(row) })),
    byId: new Map(rows.map((row) => [row.id, row])),
    last: new Map(last.map((row) => [row.enterprise_id, row])),
  }
}

function hayOf(row: EnterpriseRow): string {
  const words = [row.name, row.short_name, row.initials, row.credit_code, ...row.aliases.flatMap((one) => [one.name, one.initials])]
  return `\n${words.filter(Boolean).map((word) => plain(word!)).join('\n')}\n`
}

/** Full-width letters, capitals, brackets and spaces make no difference to what a person means. */
function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/[\s()·.,-]/g, '')
}

export interface Search {
  near?: Point | null
  most?: number
}

/** Enterprises by a part of a name or alias, initials, or a credit code; recent ones first, then the closest match. */
export async function searchEnterprises(query: string, { near = null, most = MOST_FOUND }: Search = {}): Promise<Found[]> {
  const { entries, last } = await loaded()
  const recent = (await fact('recent')) ?? []
  const wanted = plain(query)
  const best: Ranked[] = []
  for (const { row, hay } of entries) {
    const at = wanted ? hay.indexOf(wanted) : 0
    if (at < 0) continue
    const seen = recent.indexOf(row.id)
    if (!wanted && seen < 0 && !near) continue
    keepBest(best, { row, rank: rankOf(hay, wanted, seen), metres: metresTo(row, near) }, most)
  }
  return best.map(({ row, metres }) => ({
    enterprise: row,
    alias: aliasOf(row, wanted),
    last: last.get(row.id) ?? null,
    isRecent: recent.includes(row.id),
    metres,
  }))
}

interface Ranked {
  row: EnterpriseRow
  rank: number
  metres: number | null
}

function isBefore(a: Ranked, b: Ranked): boolean {
  if (a.rank !== b.rank) return a.rank < b.rank
  const nearer = (a.metres ?? Infinity) - (b.metres ?? Infinity)
  return nearer === 0 || Number.isNaN(nearer) ? a.row.name.length < b.row.name.length : nearer < 0
}

/** The few that will be shown, in order; thousands that match a common word are never sorted. */
function keepBest(best: Ranked[], one: Ranked, most: number): void {
  if (best.length === most && !isBefore(one, best[most - 1]!)) return
  let at = best.length
  while (at > 0 && isBefore(one, best[at - 1]!)) at -= 1
  best.splice(at, 0, one)
  if (best.length > most) best.pop()
}

/** Small is first: recently used, then names that are, begin with, or contain what was typed. */
function rankOf(hay: string, wanted: string, seen: number): number {
  if (seen >= 0) return seen - MOST_RECENT
  if (!wanted) return 0
  if (hay.includes(`\n${wanted}\n`)) return 1
  return hay.includes(`\n${wanted}`) ? 2 : 3
}

function metresTo(row: EnterpriseRow, near: Point | null): number | null {
  if (!near || row.latitude === null || row.longitude === null) return null
  return metresBetween(near, { lat: row.latitude, lng: row.longitude })
}

function aliasOf(row: EnterpriseRow, wanted: string): string | null {
  if (!wanted || plain(row.name).includes(wanted) || plain(row.initials).includes(wanted)) return null
  const found = row.aliases.find((one) => plain(one.name).includes(wanted) || plain(one.initials).includes(wanted))
  return found?.name ?? row.short_name
}

/** The person has chosen it: it comes first next time. */
export async function noteRecent(enterpriseId: string): Promise<void> {
  const before = (await fact('recent')) ?? []
  await remember({ recent: [enterpriseId, ...before.filter((id) => id !== enterpriseId)].slice(0, MOST_RECENT) })
}

export async function enterprise(id: string): Promise<EnterpriseRow | null> {
  return pulledRow<EnterpriseRow>('enterprise', id)
}

/** Who was last at an enterprise, whosever unit, as of the last sync. */
export async function lastVisit(enterpriseId: string): Promise<LastVisitRow | null> {
  return pulledRow<LastVisitRow>('last_visit', enterpriseId)
}

/** What this phone itself holds of visits to an enterprise that are not proved yet: the feed cannot know them. */
export async function unsentVisitTo(enterpriseId: string): Promise<{ visited_at: string; author_name: string } | null> {
  const waiting = await (await db()).getAllFromIndex('outbox', 'state', 'waiting')
  for (const row of waiting.reverse()) {
    if (row.type !== 'visit') continue
    const body = JSON.parse(row.text) as { enterprise_id?: string; visited_at: string }
    if (body.enterprise_id === enterpriseId) return { visited_at: body.visited_at, author_name: row.author_name }
  }
  return null
}

/**
 * Target enterprises that nobody has visited: those given to the person's unit first, then those open to every unit;
 * nearest first where a position is known.
 */
export async function toVisit(unitId: string, near: Point | null = null, most = MOST_FOUND): Promise<Found[]> {
  const { entries, last } = await loaded()
  const isOurs = (row: EnterpriseRow): boolean =>
    row.responsible_unit_id === unitId || row.target_lists.some((one) => one.unit_id === unitId)
  const isOpen = (row: EnterpriseRow): boolean => row.target_lists.some((one) => one.unit_id === null)
  return entries
    .filter(({ row }) => !last.has(row.id) && (isOurs(row) || isOpen(row)))
    .map(({ row }) => ({ enterprise: row, alias: null, last: null, isRecent: false, metres: metresTo(row, near) }))
    .sort((a, b) => Number(isOurs(b.enterprise)) - Number(isOurs(a.enterprise)) || (a.metres ?? Infinity) - (b.metres ?? Infinity))
    .slice(0, most)
}

export interface SiteNear {
  site: SiteRow
  /** Whether the person is assigned to it today. */
  isMine: boolean
  metres: number | null
  isInside: boolean | null
}

/** The person's sites, nearest first where a position is known, then those assigned to them. */
export async function sitesNear(place: Place | null = null): Promise<SiteNear[]> {
  const [sites, assigned] = await Promise.all([pulledRows<SiteRow>('site'), pulledRows<AssignmentRow>('assignment')])
  const mine = new Set(assigned.map((one) => one.site.id))
  return sites
    .map((site) => {
      const from = place && fromSite(site, place)
      return { site, isMine: mine.has(site.id), metres: from?.metres ?? null, isInside: from?.isInside ?? null }
    })
    .sort((a, b) => (a.metres ?? Infinity) - (b.metres ?? Infinity) || Number(b.isMine) - Number(a.isMine))
}

export async function site(id: string): Promise<SiteRow | null> {
  return pulledRow<SiteRow>('site', id)
}

/** The person's own visits as the server has them, the latest first. */
export async function myVisits(): Promise<VisitRow[]> {
  return (await pulledRows<VisitRow>('visit')).sort((a, b) => (a.visited_at < b.visited_at ? 1 : -1))
}

export async function myCheckins(): Promise<CheckinRow[]> {
  return (await pulledRows<CheckinRow>('checkin')).sort((a, b) => (a.at < b.at ? 1 : -1))
}

/** What was sent back, with its reason in `review_reason`; what was mended since and waits here is left out. */
export async function returned(): Promise<(VisitRow | CheckinRow)[]> {
  const unsent = new Set((await (await db()).getAllFromIndex('outbox', 'state', 'waiting')).map((row) => row.id))
  return [...(await myVisits()), ...(await myCheckins())].filter((row) => row.review_state === 'returned' && !unsent.has(row.id))
}

/** The newest progress photo of a site that this person took, to lay over the camera; null when there is none. */
export async function lastProgressPhoto(siteId: string): Promise<string | null> {
  const own = (await (await db()).getAllFromIndex('outbox', 'state', 'sent')).filter((row) => row.type === 'checkin')
  const local = own.flatMap((row) => {
    const body = JSON.parse(row.text) as { site_id: string; at: string; photo_ids?: string[] }
    return body.site_id === siteId && body.photo_ids?.length ? [{ at: Date.parse(body.at), id: body.photo_ids[0]! }] : []
  })
  const pulled = (await myCheckins()).flatMap((row) =>
    row.site_id === siteId && row.photo_ids.length ? [{ at: Date.parse(row.at), id: row.photo_ids[0]! }] : [],
  )
  return [...local, ...pulled].sort((a, b) => b.at - a.at)[0]?.id ?? null
}

/** A code list as it came with the feed; empty before the first sync. */
export async function codes(name: CodeListName): Promise<Code[]> {
  return (await pulledRow<{ codes: Code[] }>('code_list', name))?.codes ?? []
}

/** The programme in force and how the unit stands, as of `at`; null before the first sync. */
export async function headline(): Promise<{ at: string; of: Headline } | null> {
  return (await fact('headline')) ?? null
}

export async function programme(): Promise<ProgrammeRow | null> {
  return (await pulledRows<ProgrammeRow>('programme'))[0] ?? null
}

/** How many enterprises are here, and when the feed was last read to its end; null before that. */
export async function rosterState(): Promise<{ enterprises: number; sites: number; pulledAt: string | null }> {
  const open = await db()
  const range = (type: string) => IDBKeyRange.bound([type, ''], [type, '\uffff'])
  const [enterprises, sites] = await Promise.all([open.count('pulled', range('enterprise')), open.count('pulled', range('site'))])
  return { enterprises, sites, pulledAt: (await fact('pulled_at')) ?? null }
}
