// What every panel of a page is asked about stands in the address, so that all of them speak of the same.
import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'

export type Line = 'thousand' | 'hundred'

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value ? value : undefined
}

/** The programme, day and unit asked about; none chosen, the one in force, today, and everything in my scope. */
export function useQuestion() {
  const route = useRoute()
  const router = useRouter()
  const question = computed(() => ({
    programme: text(route.query.programme),
    as_of: text(route.query.as_of),
    unit: text(route.query.unit),
  }))
  const line = computed<Line>(() => (route.query.line === 'hundred' ? 'hundred' : 'thousand'))
  const screen = computed(() => route.query.screen === '1')

  function set(changes: Record<string, string | null | undefined>): void {
    const query = { ...route.query, ...changes }
    for (const name of Object.keys(query)) if (!query[name]) delete query[name]
    void router.replace({ query })
  }

  function of(name: string): string | undefined {
    return text(route.query[name])
  }

  return { question, line, screen, set, of }
}

/** How often figures on the wall are asked for again. */
export const WALL_EVERY_S = 60
