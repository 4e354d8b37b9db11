// Problems as this app reads them: their types, the columns of the board, and what the address asks for.
import { api, told, type Schemas } from '../../shared/api'

export type Issue = Schemas['IssueRecordOut']
export type IssueCard = Schemas['IssueRecordCardOut']
export type EventKind = Issue['may'][number]
export type State = Issue['state']

/** The columns of the board, in the order of a problem's life. */
export const COLUMNS = ['raised', 'called', 'in_progress', 'resolved', 'closed'] as const satisfies readonly State[]
/** What the filters of the list are called in the address and at the door. */
export const FILTERS = ['state', 'category', 'severity', 'department', 'unit', 'due', 'q', 'from', 'to', 'measure', 'role', 'site', 'enterprise', 'checkin', 'own_only'] as const
export type Asked = Partial<Record<(typeof FILTERS)[number], string>>

/** The filters that stand in an address; what is none of them is left out. */
export function askedOf(query: Record<string, unknown>): Asked {
  return Object.fromEntries(FILTERS.flatMap((name) => (typeof query[name] === 'string' && query[name] ? [[name, query[name]]] : [])))
}

/** Whether the board can show it: its columns are the states, and figures are lists. */
export function fitsBoard(asked: Asked): boolean {
  return !asked.measure && (asked.state ?? '').split(',').filter(Boolean).every((one) => (COLUMNS as readonly string[]).includes(one))
}

/** What is due first stands first; what has no limit keeps its place behind. */
export function byLimit(rows: Issue[]): Issue[] {
  const limit = (one: Issue): number => Date.parse((one.state === 'raised' ? one.assign_due_at : one.due_at) ?? '') || Infinity
  return [...rows].sort((a, b) => (limit(a) === limit(b) ? 0 : limit(a) - limit(b)))
}

export function issuesOf(asked: Asked, cursor: string | undefined, limit = 50): Promise<{ items: Issue[]; next_cursor?: string | null }> {
  return told(api.GET('/api/hq/v1/issues', { params: { query: { ...asked, cursor, limit } as never } }))
}

/** The title of a problem: where it is. */
export function placeOf(one: Issue): string {
  return [one.project?.name, one.site?.name, one.enterprise?.name].filter((name, at, all) => name && all.indexOf(name) === at).join(' · ')
}

/** Whether a limit was met, and if nothing was done yet, whether it still can be. */
export function metBy(due: string | null, at: string | null, now = Date.now()): 'metYes' | 'metNo' | 'metNotYet' | 'metOver' | null {
  if (due === null) return null
  if (at !== null) return Date.parse(at) < Date.parse(due) ? 'metYes' : 'metNo'
  return now < Date.parse(due) ? 'metNotYet' : 'metOver'
}
