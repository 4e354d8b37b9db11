// Something is done to the house: one at a time, with what the house answered when it would not.
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { announce } from './announcing'

export interface Doing {
  busy: Ref<boolean>
  problem: ShallowRef<unknown>
  /** Runs `deed` and says that it is done; whether it went through. */
  run: (deed: () => Promise<unknown>) => Promise<boolean>
}

export function useDoing(): Doing {
  const { t } = useI18n()
  const busy = ref(false)
  const problem = shallowRef<unknown>(null)

  async function run(deed: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    problem.value = null
    try {
      await deed()
      announce(t('frame.done'))
      return true
    } catch (refused) {
      problem.value = refused
      return false
    } finally {
      busy.value = false
    }
  }

  return { busy, problem, run }
}
