// All units of the reader's scope in the order of the tree.
import { api, told, type Schemas } from '../../shared/api'

export type Unit = Schemas['UnitOut']

export async function allUnits(): Promise<Unit[]> {
  const all: Unit[] = []
  let cursor: string | undefined
  do {
    const page = await told(api.GET('/api/hq/v1/units', { params: { query: { limit: 1000, cursor } } }))
    all.push(...page.items)
    cursor = page.next_cursor ?? undefined
  } while (cursor)
  return all
}

/** Each unit after the one it belongs to, brothers by their place. */
export function asTree(units: Unit[]): Unit[] {
  const ids = new Set(units.map((one) => one.id))
  const below = new Map<string | null, Unit[]>()
  for (const one of units) {
    const above = one.parent_id && ids.has(one.parent_id) ? one.parent_id : null
    below.set(above, [...(below.get(above) ?? []), one])
  }
  const walk = (above: string | null): Unit[] =>
    (below.get(above) ?? []).sort((a, b) => a.position - b.position || a.name.localeCompare(b.name, 'zh')).flatMap((one) => [one, ...walk(one.id)])
  return walk(null)
}
