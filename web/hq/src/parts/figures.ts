// How figures are written: shares come as parts of one, gaps in percentage points, and nothing known is a dash.
import { whole } from '../../../shared/format'

export const NOTHING = '—'

/** A share of one in per cent, with one decimal. */
export function percent(share: number | null | undefined): string {
  return share == null ? NOTHING : `${(share * 100).toFixed(1)}%`
}

/** A number as whole as it is: `893`, `5.8`. */
export function figure(value: number | null | undefined): string {
  if (value == null) return NOTHING
  return Number.isInteger(value) || Math.abs(value) >= 100 ? whole(Math.round(value)) : value.toFixed(1)
}

/** A difference with its sign: `+3.2`, `−58.1`. */
export function signed(value: number | null | undefined): string {
  if (value == null) return NOTHING
  return value < 0 ? `−${Math.abs(value).toFixed(1)}` : `+${value.toFixed(1)}`
}

/** How a completion stands against the pace; each has its own word, sign and pattern, never a colour alone. */
export type Standing = 'ahead' | 'near' | 'behind' | 'none'

const NEAR_POINTS = 10

export function standing(gap: number | null | undefined): Standing {
  if (gap == null) return 'none'
  if (gap >= 0) return 'ahead'
  return gap > -NEAR_POINTS ? 'near' : 'behind'
}

export const SIGNS: Record<Standing, string> = { ahead: '▲', near: '◆', behind: '▼', none: '○' }
