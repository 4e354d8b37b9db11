// Who uses this phone, as the screens know it; known without asking anybody, so that it holds without a line.
import { computed, shallowRef } from 'vue'
import { refusalOf } from '../../../shared/problem'
import { enrol as askEnrol, sessionFetch, signIn as askSignIn, signOut as askSignOut, type Person } from '../../../shared/session'
import { thisDevice } from '../device'
import { onNews } from '../news'
import { forgetPerson, knownPerson, rememberPerson } from '../person'
import { flush } from '../sync'

const someone = shallowRef<Person | null>(null)
let asked: Promise<unknown> | null = null

export const person = computed(() => someone.value)

async function look(): Promise<void> {
  someone.value = await knownPerson()
}

onNews((of) => of === 'person' && void look())

/** Who is here, read from the phone once. */
export async function settled(): Promise<Person | null> {
  asked ??= look()
  await asked
  return someone.value
}

async function comeIn(user: Person): Promise<Person> {
  await rememberPerson(user)
  someone.value = user
  if (!user.must_change_password) void flush('signed_in')
  return user
}

export async function signIn(username: string, password: string): Promise<Person> {
  return comeIn((await askSignIn(username, password, await thisDevice())).user)
}

export async function enrol(pin: string): Promise<Person> {
  return comeIn((await askEnrol(pin, await thisDevice())).user)
}

/** The person's own password; their sign-ins elsewhere end. */
export async function changePassword(oldPassword: string, newPassword: string): Promise<void> {
  const response = await sessionFetch(
    new Request(new URL('/api/v1/me/password', location.origin), {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ old_password: oldPassword, new_password: newPassword }),
    }),
  )
  if (!response.ok) throw await refusalOf(response)
  if (someone.value) await comeIn({ ...someone.value, must_change_password: false })
}

/** Leaves this browser; what waits to be sent stays on the phone. */
export async function signOut(): Promise<void> {
  await askSignOut()
  await forgetPerson()
  someone.value = null
}
