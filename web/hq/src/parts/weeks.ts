// The weeks of a programme as a chart and as a table show them.
import type { Schemas } from '../../../shared/api'
import { daysBetween } from '../../../shared/format'

export type Week = Schemas['WeekOut']

export interface Point {
  start_on: string
  /** The day after the week's last. */
  end_on: string
  /** Null for weeks to come. */
  week: Week | null
  cumulative: number | null
  plan: number | null
  forecast: number | null
}

export interface Course {
  startsOn: string
  endsOn: string
  target: number | null
  /** Mean of first counted subjects a week, where the server forecasts. */
  perWeek: number | null
}

const DAY_MS = 86_400_000
const dayAfter = (day: string, days: number): string => new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)

function weeksToCome(after: string, end: string): { start_on: string; end_on: string }[] {
  const found = []
  for (let start = after; start < end; start = dayAfter(start, 7)) {
    const until = dayAfter(start, 7)
    found.push({ start_on: start, end_on: until < end ? until : end })
  }
  return found
}

/** Every week of the programme, those to come too, with what is reached, planned and forecast at its end. */
export function course(weeks: Week[], what: Course): Point[] {
  const end = dayAfter(what.endsOn, 1)
  const days = daysBetween(what.startsOn, end)
  const plan = (on: string): number | null => (what.target == null ? null : (what.target * daysBetween(what.startsOn, on)) / days)
  let reached = 0
  const past: Point[] = weeks.map((week) => {
    reached += week.first_counted
    return { start_on: week.start_on, end_on: week.end_on, week, cumulative: reached, plan: plan(week.end_on), forecast: null }
  })
  const last = past[past.length - 1]
  if (!last) return past
  const pace = what.perWeek
  if (pace != null) last.forecast = reached
  const coming = weeksToCome(last.end_on, end).map((one, at) => ({
    ...one, week: null, cumulative: null, plan: plan(one.end_on), forecast: pace == null ? null : reached + pace * (at + 1),
  }))
  return [...past, ...coming]
}
