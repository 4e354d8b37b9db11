// What waits for somebody's hand, each with the page where it is done; only what the person's role may open is asked.
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { api, type Schemas, told } from '../../shared/api'
import { dayAfter, localDay } from '../../shared/format'
import { useAsking } from './asking'
import type { Task } from './parts/ToDo.vue'
import { holds } from './person'

/** How many sites somebody is to be at today, and at how many of them nobody has signed; on days of rest none. */
async function signing(): Promise<Schemas['AttendanceLastDayOut']> {
  const today = localDay()
  const asked = { from: today, to: dayAfter(today), limit: 1 }
  return (await told(api.GET('/api/hq/v1/sites/attendance', { params: { query: asked } }))).on_last_day
}

/** How many problems are overdue: as many as the list behind it has. */
async function overdue(): Promise<number> {
  return (await told(api.GET('/api/hq/v1/issues/counts', {}))).overdue.count
}

/** The tasks of the overview; `lines` are the headline's. A task whose page the person may not open is not shown. */
export function useTasks(lines: () => Schemas['LineOut'][], every_s: number) {
  const { t } = useI18n()
  const router = useRouter()
  const opens = (to: string): boolean => {
    const { roles } = router.resolve(to).meta
    return !roles || holds(...roles)
  }
  const helps = opens('/outboxes')
  const outboxes = useAsking(async () => (helps ? told(api.GET('/api/hq/v1/outboxes/units', {})) : null), () => null, every_s)
  const sites = useAsking(signing, () => null, every_s)
  const issues = useAsking(overdue, () => null, every_s)

  return computed<Task[]>(() => {
    const found: Task[] = []
    const waiting = lines().find((one) => one.code === 'thousand')?.visits_pending
    if (waiting != null) found.push({ key: 'waitingReview', count: waiting, to: '/review?type=visit' })
    const units = outboxes.answer.value?.items
    if (units) {
      const sum = (of: (one: Schemas['UnitWaitingOut']) => number): number => units.reduce((all, one) => all + of(one), 0)
      found.push({ key: 'unsent', count: sum((one) => one.pending_records), to: '/outboxes', note: t('overview.unsentPeople', { n: sum((one) => one.people) }) })
      found.push({ key: 'photosAwaited', count: sum((one) => one.photos_awaited), to: '/outboxes' })
      found.push({ key: 'keptOpen', count: sum((one) => one.kept_open), to: '/kept?open=true' })
    }
    const late = issues.answer.value
    if (late !== null) found.push({ key: 'overdueIssues', count: late, to: '/issues?due=overdue' })
    const today = sites.answer.value
    if (today) found.push({ key: 'notSigned', count: today.unsigned, to: '/sites', note: t('overview.ofSites', { n: today.expected }) })
    return found.filter((one) => opens(one.to))
  })
}
