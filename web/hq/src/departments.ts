// Whom a problem may call: the departments in the order of office, and whatever other units the reader sees.
import { api, told, type Schemas } from '../../shared/api'
import { allUnits, asTree } from './unitList'

export type Called = Schemas['NamedRowOut']
export interface Callable {
  departments: Called[]
  others: Called[]
}

/** Every department, also for an office that sees its own units alone: the statistics list them all. */
export async function callable(): Promise<Callable> {
  const [table, units] = await Promise.all([told(api.GET('/api/hq/v1/issues/statistics', { params: { query: { by: 'department' } } })), allUnits()])
  const departments = table.items.flatMap((row) => (row.unit ? [row.unit] : []))
  const known = new Set(departments.map((one) => one.id))
  const others = asTree(units).filter((one) => !known.has(one.id) && one.valid_until === null)
  return { departments, others: others.map(({ id, name }) => ({ id, name })) }
}
