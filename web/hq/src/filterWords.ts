// What a list is filtered by, in words: the names of the filters in an address, and what their values mean.
import { useI18n } from 'vue-i18n'
import { dayBefore } from '../../shared/format'
import { useAsking } from './asking'
import { useCodes } from './codes'
import { callable } from './departments'
import { allUnits } from './unitList'

export type FilteredList = 'visits' | 'checkins' | 'issues' | 'projects' | 'targets'

/** Lists of codes that all lists share, and those in which a name has a meaning of its own. */
const CODES: Record<string, string> = { state: 'review_state', intention: 'intention', mode: 'mode', method: 'method', line: 'line', kind: 'enterprise_kind', light: 'project_light', stage: 'project_stage' }
const OWN_CODES: Partial<Record<FilteredList, Record<string, string>>> = {
  checkins: { kind: 'checkin_kind' },
  issues: { state: 'issue_state', category: 'issue_category', severity: 'issue_severity', role: 'issue_role' },
}
/** Values that are words of a page. */
const WORDS: Record<string, (value: string) => string> = { measure: (value) => `issues.measures.${value}`, due: (value) => `issues.dues.${value}` }
/** What a list calls its filters; what it has no word for is called as among visits. */
const visitsCall = (name: string): string => `visits.filters.${name}`
const CALLED: Record<FilteredList, (name: string) => string> = {
  visits: visitsCall,
  checkins: (name) => `checkins.filters.${name}`,
  issues: (name) => `issues.filters.${name}`,
  projects: (name) => `projects.filters.${name}`,
  targets: visitsCall,
}
const UNITS = ['unit', 'of_unit', 'own_unit', 'assigned_to', 'department']
/** The doors leave the day of `until` and `to` out; people name the last one that is in. */
const LAST_DAYS = ['until', 'to']
const DAY = /^\d{4}-\d\d-\d\d$/
const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/

/** Words for the filters of a list, which may change; `asked` gives those that stand in the address. */
export function useFilterWords(list: () => FilteredList, asked: () => Record<string, string | undefined>) {
  const { t, te } = useI18n()
  const { label } = useCodes()
  const named = useAsking(namesOfUnits, () => UNITS.map((name) => asked()[name]).join())

  async function namesOfUnits(): Promise<Map<string, string>> {
    if (!UNITS.some((name) => asked()[name])) return new Map()
    const { departments, others } = asked().department ? await callable() : { departments: [], others: await allUnits() }
    return new Map([...departments, ...others].map((one) => [one.id, one.name]))
  }

  /** The filter, as its list calls it. */
  function filterName(name: string): string {
    if (name === 'to') return t('frame.toDay')
    const key = [CALLED[list()], visitsCall].map((call) => call(name)).find((one) => te(one))
    return key ? t(key) : name
  }

  /** What it asks for. */
  function meaning(name: string, value: string): string {
    if (value === '') return t('visits.empty')
    if (value === 'true') return t('visits.yes')
    const codes = OWN_CODES[list()]?.[name] ?? CODES[name]
    if (codes) return value.split(',').map((one) => label(codes, one)).join(t('frame.comma'))
    const word = WORDS[name]?.(value)
    if (word) return te(word) ? t(word) : value
    if (name === 'each') return t(value === 'last' ? 'visits.lastOne' : 'visits.firstOne')
    if (LAST_DAYS.includes(name) && DAY.test(value)) return dayBefore(value)
    return named.answer.value?.get(value) ?? (ID.test(value) ? t('visits.thisOne') : value)
  }

  return { filterName, meaning }
}
