// Coverage as the three pictures of it need it: how much of a cell's target enterprises is visited, and what it is called.
import type { Schemas } from '../../../shared/api'
import { percent, type Standing } from './figures'

export type Covered = Schemas['CoverageOut']

const MANY = 0.8
const SOME = 0.4

/** The band of a share; none is known where nothing is listed, which is not the same as nothing visited. */
export function band(row: Pick<Covered, 'listed' | 'coverage'>): Standing {
  if (!row.listed || row.coverage == null) return 'none'
  if (row.coverage >= MANY) return 'ahead'
  return row.coverage >= SOME ? 'near' : 'behind'
}

/** Which enterprises a picture's cell stands for, as the address says it. */
export interface Choice {
  unit?: string | null
  chain?: string | null
  no_chain?: string | null
  unassigned?: string | null
}

export type By = 'county' | 'chain' | 'both'

export function choiceOf(row: Covered, by: By): Choice {
  const nobody = { unit: null, chain: null, no_chain: null, unassigned: null }
  const place = by === 'chain' ? {} : row.unit ? { unit: row.unit.id } : { unassigned: '1' }
  const chain = by === 'county' ? {} : row.chain ? { chain: row.chain } : { no_chain: '1' }
  return { ...nobody, ...place, ...chain }
}

/** A row's key among the others of its picture. */
export function keyOf(row: Covered): string {
  return `${row.unit?.id ?? ''} ${row.chain ?? ''}`
}

export function share(row: Covered): string {
  return `${row.listed_counted}/${row.listed} · ${percent(row.coverage)}`
}
