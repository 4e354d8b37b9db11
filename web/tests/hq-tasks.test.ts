// What waits for somebody's hand on the overview: each task counts exactly what the page behind it lists.
import { effectScope } from 'vue'
import { afterEach, expect, it, vi } from 'vitest'

const { GET } = vi.hoisted(() => ({ GET: vi.fn() }))
vi.mock('../shared/api', () => ({ api: { GET }, told: (answer: unknown) => answer }))
vi.mock('vue-i18n', () => ({ useI18n: () => ({ t: (word: string) => word }) }))
vi.mock('vue-router', () => ({ useRoute: () => ({ query: {} }), useRouter: () => ({ resolve: () => ({ meta: {} }) }) }))
vi.mock('../hq/src/person', () => ({ holds: () => true }))

import { useTasks } from '../hq/src/overviewTasks'

afterEach(() => GET.mockReset())

async function tasks(overdue: unknown) {
  GET.mockImplementation((path: string) => (path === '/api/hq/v1/issues/counts' ? Promise.resolve(overdue) : Promise.reject(new Error('not asked here'))))
  const scope = effectScope()
  const found = scope.run(() => useTasks(() => [], 0))
  await vi.waitFor(() => expect(GET).toHaveBeenCalledTimes(3))
  await Promise.resolve().then(() => new Promise((done) => setTimeout(done)))
  scope.stop()
  return found?.value ?? []
}

it.each([0, 7, 4128])('says how many problems are overdue, however many: %i', async (count) => {
  const found = await tasks({ overdue: { count, records_url: '/api/hq/v1/issues?due=overdue' } })
  expect(found).toEqual([{ key: 'overdueIssues', count, to: '/issues?due=overdue' }])
})
