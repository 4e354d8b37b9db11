// What waits for somebody's hand, each with the page where it is done; only what the person's role may open is asked.
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, type Schemas, told } from '../../shared/api'
import { localDay } from '../../shared/format'
import { useAsking } from './asking'
import type { Task } from './parts/ToDo.vue'
import { holds } from './person'

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}

/** How many sites somebody is to be at today, and at how many of them nobody has signed; on days of rest none. */
async function signing(): Promise<Schemas['AttendanceLastDayOut']> {
  const today = localDay()
  const asked = { from: today, to: dayAfter(today), limit: 1 }
  return (await told(api.GET('/api/hq/v1/sites/attendance', { params: { query: asked } }))).on_last_day
}

/** The tasks of the overview; `lines` are the headline's. */
export function useTasks(lines: () => Schemas['LineOut'][], every_s: number) {
  const { t } = useI18n()
  const helps = holds('unit_office', 'headquarters', 'administrator')
  const outboxes = useAsking(async () => (helps ? told(api.GET('/api/hq/v1/outboxes/units', {})) : null), () => null, every_s)
  const sites = useAsking(signing, () => null, every_s)

  return computed<Task[]>(() => {
    const found: Task[] = []
    const waiting = lines().find((one) => one.code === 'thousand')?.visits_pending
    if (helps && waiting != null) found.push({ key: 'waitingReview', count: waiting, to: '/review' })
    const units = outboxes.answer.value?.items
    if (units) {
      const sum = (of: (one: Schemas['UnitWaitingOut']) => number): number => units.reduce((all, one) => all + of(one), 0)
      found.push({ key: 'unsent', count: sum((one) => one.pending_records), to: '/outboxes', note: t('overview.unsentPeople', { n: sum((one) => one.people) }) })
      found.push({ key: 'photosAwaited', count: sum((one) => one.photos_awaited), to: '/outboxes' })
      found.push({ key: 'keptOpen', count: sum((one) => one.kept_open), to: '/kept?open=true' })
    }
    const today = sites.answer.value
    if (today) found.push({ key: 'notSigned', count: today.unsigned, to: '/sites', note: t('overview.ofSites', { n: today.expected }) })
    return found
  })
}
