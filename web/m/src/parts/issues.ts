// The kept boxes of problems for a screen, read again when the screen opens and the line allows.
import { onMounted, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { dayBefore, localMinute } from '../../../shared/format'
import { issueBoxes, readIssues } from '../issues'
import type { IssueBoxes, IssueCard } from '../model'
import { useLocal } from './local'

export interface Boxes {
  boxes: ShallowRef<IssueBoxes | null>
  reading: Ref<boolean>
  problem: ShallowRef<unknown>
  read: () => Promise<void>
}

/** `atOnce` asks whenever the screen opens; else what was told a while ago is good enough. */
export function useIssues(atOnce: boolean): Boxes {
  const boxes = useLocal(issueBoxes, null, ['issues', 'pulled', 'person']).answer
  const reading = ref(false)
  const problem = shallowRef<unknown>(null)

  async function read(isAtOnce = true): Promise<void> {
    reading.value = true
    problem.value = null
    try {
      await readIssues({ atOnce: isAtOnce })
    } catch (refused) {
      problem.value = refused
    } finally {
      reading.value = false
    }
  }

  onMounted(() => navigator.onLine && void read(atOnce))
  return { boxes, reading, problem, read: () => read() }
}

const OPEN = ['raised', 'called', 'in_progress']

/** What needs this person first, then what is open, the oldest limit first; then the rest, the latest first. */
export function inOrder(rows: IssueCard[]): IssueCard[] {
  const rank = (row: IssueCard): number => (row.may.some(isForPhone) ? 0 : OPEN.includes(row.state) ? 1 : 2)
  const limit = (row: IssueCard): string => row.due_at ?? row.assign_due_at
  return [...rows].sort((a, b) => {
    const apart = rank(a) - rank(b)
    return apart || (rank(a) === 2 ? (a.raised_at < b.raised_at ? 1 : -1) : limit(a) < limit(b) ? -1 : 1)
  })
}

const isForPhone = (kind: string): boolean => kind === 'report_in' || kind === 'confirm' || kind === 'resolve'

/** A moment up to which something is due; midnight is the end of the day before. */
export function until(at: string): string {
  const minute = localMinute(at)
  return minute.endsWith(' 00:00') ? `${dayBefore(minute.slice(0, 10))} 24:00` : minute
}

/** The light as it was told; one that has come to its limit since, without a line, is red all the same. */
export function lightOf(row: IssueCard): { light: string; text: string | null } | null {
  if (!row.light) return null
  const isOver = row.light.light !== 'red' && row.due_at !== null && Date.parse(row.due_at) <= Date.now()
  return isOver ? { light: 'red', text: null } : { light: row.light.light, text: String(row.light.text) }
}

/** How many of them want something of this person, by what it is. */
export function waiting(rows: IssueCard[]): { confirm: number; reportIn: number; red: number } {
  return {
    confirm: rows.filter((row) => row.may.includes('confirm')).length,
    reportIn: rows.filter((row) => row.may.includes('report_in')).length,
    red: rows.filter((row) => lightOf(row)?.light === 'red').length,
  }
}
