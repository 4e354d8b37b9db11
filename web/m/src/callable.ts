// Whom a problem may call, as the server last told: kept at each sync, so that departments are chosen without a line.
import { fact, remember } from './db'
import type { CallableUnit, CallableUnits } from './model'
import { tell } from './news'
import { ask } from './wire'

/** Departments come and go with reforms, not by the hour. */
const SYNC_MS = 6 * 3_600_000
/** More than the door takes at once would be refused. */
export const MOST_CALLED = 20

/** What the phone knows of them, and since when; null where they were never read. */
export async function callableUnits(): Promise<CallableUnits | null> {
  return (await fact('callable')) ?? null
}

/** Ask for them where what is kept is older than that. Throws as `ask` does; what is kept stays. */
export async function readCallable(olderThanMs = SYNC_MS): Promise<void> {
  const held = await callableUnits()
  if (held && Date.now() - Date.parse(held.at) < olderThanMs) return
  const { document } = await ask('GET', '/api/v1/issues/callable')
  await remember({ callable: { at: new Date().toISOString(), units: document.items as CallableUnit[] } })
  tell('issues')
}

/** Whom a kind's route calls, the lead first; nobody where there is none. */
export function unitsByRoute(units: CallableUnit[], category: string): CallableUnit[] {
  // A list that an older app has kept tells no routes.
  const calls = (list: string[] | undefined): boolean => Boolean(list?.includes(category))
  const lead = units.find((one) => calls(one.leads))
  return lead ? [lead, ...units.filter((one) => calls(one.supports))] : []
}

/** Those that are not called yet and whose names hold what was typed, in the server's order. */
export function unitsToCall(units: CallableUnit[], call: string[], typed: string): CallableUnit[] {
  const wanted = typed.trim().toLowerCase()
  return units.filter((one) => !call.includes(one.id) && `${one.name}\n${one.short_name}`.toLowerCase().includes(wanted))
}
