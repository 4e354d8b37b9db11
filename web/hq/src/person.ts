// Who is signed in on this browser; read once, kept until they leave.
import { computed, ref } from 'vue'
import { type Person, signIn as ask, signOut as leave, whoami } from '../../shared/session'

const someone = ref<Person | null>(null)
let asked = false

export const person = computed(() => someone.value)

/** Whether the person holds one of the roles. */
export function holds(...roles: string[]): boolean {
  return roles.some((role) => someone.value?.roles.includes(role))
}

/** Finds out once who is here. */
export async function settled(): Promise<Person | null> {
  if (!asked) {
    someone.value = (await whoami())?.user ?? null
    asked = true
  }
  return someone.value
}

export async function signIn(username: string, password: string): Promise<Person> {
  someone.value = (await ask(username, password, null)).user
  asked = true
  return someone.value
}

/** Ends the sign-in; `goAway` leaves the person's page before the person is forgotten, so that nothing of it asks again. */
export async function signOut(goAway: () => Promise<unknown>): Promise<void> {
  await leave()
  await goAway()
  someone.value = null
}
