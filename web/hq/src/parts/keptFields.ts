// The fields of a kept body that are to be corrected one by one: where each lies, what it is called and how it is asked for.
import { localDay, localMinute } from '../../../shared/format'

export type Way = 'moment' | 'day' | 'choice' | 'number' | 'long' | 'text'

export interface KeptField {
  pointer: string
  way: Way
  /** The list of codes to choose from. */
  list: string
  /** What stands there; undefined where nothing does. */
  was: unknown
}

type Body = Record<string, unknown>

const WAYS: Record<Exclude<Way, 'choice' | 'text'>, readonly string[]> = {
  moment: ['visited_at', 'ended_at', 'captured_at', 'raised_at', 'at', 'phone_time', 'server_time'],
  day: ['next_on', 'departs_on', 'returns_on'],
  number: ['lat', 'lng', 'accuracy_m', 'fix_age_ms', 'elapsed_ms', 'percent', 'intention_count', 'project_count'],
  long: ['summary', 'next_step', 'note', 'result', 'remark', 'filed_because'],
}
const LISTS: Record<string, string> = { mode: 'mode', method: 'method', intention: 'intention', rank: 'rank', category: 'issue_category', severity: 'issue_severity', datum: 'datum', source: 'location_source', '/enterprise/kind': 'enterprise_kind' }
const KINDS: Record<string, string> = { checkin: 'checkin_kind', trip: 'trip_kind' }
/** Where something is asked for that has parts, its name is what a person can write. */
const NAMED = new Set(['/enterprise', '/led_by', '/leader'])
/** No one input can hold these: they are corrected in the original. */
const WHOLES = new Set(['location', 'hosts', 'participants', 'progress', 'clock', 'photo_ids', 'joint_units', 'destinations', 'organisations', 'projects', 'call'])

export function partsOf(pointer: string): string[] {
  return pointer.split('/').slice(1).map((one) => one.replace(/~1/g, '/').replace(/~0/g, '~'))
}

/** What lies at a pointer; undefined where nothing does. */
export function valueAt(body: unknown, pointer: string): unknown {
  return partsOf(pointer).reduce<unknown>((at, part) => (at !== null && typeof at === 'object' ? (at as Body)[part] : undefined), body)
}

function listOf(pointer: string, last: string, type: string): string {
  if (pointer === '/kind') return KINDS[type] ?? ''
  return LISTS[pointer] ?? LISTS[last] ?? ''
}

/** The fields at these pointers that one input each can correct; what has parts of its own stays with the original. */
export function fieldsAt(pointers: readonly string[], body: unknown, type: string): KeptField[] {
  const wanted = new Set(pointers.filter(Boolean).map((one) => (NAMED.has(one) ? `${one}/name` : one)))
  return [...wanted].flatMap((pointer) => {
    const was = valueAt(body, pointer)
    const parent = valueAt(body, pointer.slice(0, pointer.lastIndexOf('/')))
    if ((was !== null && typeof was === 'object') || Array.isArray(parent)) return []
    const last = partsOf(pointer).slice(-1)[0]!
    if (WHOLES.has(last)) return []
    const list = listOf(pointer, last, type)
    const found = (Object.keys(WAYS) as (keyof typeof WAYS)[]).find((way) => WAYS[way].includes(last))
    return [{ pointer, way: list ? ('choice' as const) : (found ?? 'text'), list, was }]
  })
}

const HAS_OFFSET = /(?:Z|[+-]\d\d:?\d\d)$/i

/** How a value is put into its input; empty where the input could not show it. */
export function shownIn(way: Way, value: unknown): string {
  if (value === undefined || value === null || typeof value === 'object') return ''
  const text = String(value)
  if (way === 'moment') {
    const at = new Date(HAS_OFFSET.test(text) ? text : `${text}+08:00`)
    if (Number.isNaN(at.getTime())) return ''
    return `${localMinute(at).replace(' ', 'T')}:${at.toISOString().slice(17, 19)}`
  }
  if (way === 'day') return /^\d{4}-\d\d-\d\d$/.test(text) ? text : Number.isNaN(Date.parse(text)) ? '' : localDay(text)
  if (way === 'number') return text.trim() === '' || Number.isNaN(Number(text)) ? '' : text
  return text
}

/** What an input says as the door wants it; undefined takes the field away. */
export function written(way: Way, typed: string): unknown {
  if (typed === '') return undefined
  if (way === 'moment') return `${typed.length === 16 ? `${typed}:00` : typed.slice(0, 19)}+08:00`
  return way === 'number' ? Number(typed) : typed
}

/** The body with another value at a pointer; the one given stays as it is. */
export function changedAt(body: Body, pointer: string, value: unknown): Body {
  const changed = structuredClone(body)
  const parts = partsOf(pointer)
  let at: Body = changed
  for (const part of parts.slice(0, -1)) {
    if (at[part] === null || typeof at[part] !== 'object') at[part] = {}
    at = at[part] as Body
  }
  const last = parts.slice(-1)[0]!
  if (value === undefined) delete at[last]
  else at[last] = value
  return changed
}
