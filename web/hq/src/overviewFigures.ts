// The answers the overview is drawn from; every panel reads the same ones.
import { computed } from 'vue'
import { api, told } from '../../shared/api'
import { useAsking } from './asking'
import { useQuestion } from './parts/question'

const LATEST = 20
const DAY_MS = 86_400_000

/** The headline, the weeks, the units and the latest visits of what the address asks about. */
export function useOverview(every_s: number) {
  const { question, line } = useQuestion()
  const asked = (): object => question.value
  const overview = useAsking(() => told(api.GET('/api/hq/v1/progress/overview', { params: { query: question.value } })), asked, every_s)
  const weekly = useAsking(() => told(api.GET('/api/hq/v1/progress/weekly', { params: { query: question.value } })), asked, every_s)
  const units = useAsking(
    () => told(api.GET('/api/hq/v1/progress/units', { params: { query: { programme: question.value.programme, as_of: question.value.as_of } } })),
    () => [question.value.programme, question.value.as_of], every_s,
  )
  const feed = useAsking(() => {
    const { unit, as_of } = question.value
    const until = as_of && new Date(Date.parse(`${as_of}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10)
    return told(api.GET('/api/hq/v1/visits', { params: { query: { limit: LATEST, unit, until } } }))
  }, asked, every_s)

  const all = [overview, weekly, units, feed]
  const lines = computed(() => overview.answer.value?.lines ?? [])
  const weeks = computed(() => (weekly.answer.value?.items ?? []).filter((one) => one.line === line.value))
  const rows = computed(() => (units.answer.value?.items ?? []).filter((one) => one.line === line.value))
  const chosen = computed(() => lines.value.find((one) => one.code === line.value))
  /** The week that `as_of` lies in, the last that is told. */
  const thisWeek = computed(() => {
    const found = new Map<string, NonNullable<typeof weekly.answer.value>['items'][number]>()
    for (const one of weekly.answer.value?.items ?? []) found.set(one.line, one)
    return found
  })
  const problem = computed(() => all.map((one) => one.problem.value).find(Boolean) ?? null)
  const again = (): void => all.forEach((one) => void one.again())

  return { overview, weekly, units, feed, lines, weeks, rows, chosen, thisWeek, problem, again }
}
