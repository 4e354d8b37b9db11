// Who comes here: the roles that pages name, and where each person begins.
export const HEADQUARTERS = ['headquarters', 'administrator']
export const READERS = [...HEADQUARTERS, 'leader', 'inspector']
export const OFFICE = [...READERS, 'unit_office']
export const HELPERS = [...HEADQUARTERS, 'unit_office']
/** Who may read contacts whole, for a reason, of what is theirs: leaders ring nobody. */
export const RINGING = [...HEADQUARTERS, 'inspector', 'unit_office', 'department_officer']
/** Offices, and the departments that problems call. */
export const CALLED = [...OFFICE, 'department_officer']

/** The first page of a person of these roles; nothing for those whose work is not here. */
export function homeOf(roles: readonly string[]): string | null {
  const holds = (some: string[]): boolean => some.some((one) => roles.includes(one))
  return holds(OFFICE) ? '/overview' : holds(CALLED) ? '/issues' : null
}
