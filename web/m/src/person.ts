// Who uses the phone. Several people may share one: what each wrote waits for its author, and is shown to nobody else.
import type { Person } from '../../shared/session'
import { fact, remember, transaction, writeFacts } from './db'
import { tell } from './news'

/** Whom the phone knows as its user, without asking anybody; null before the first sign-in and after signing out. */
export async function knownPerson(): Promise<Person | null> {
  return (await fact('person')) ?? null
}

/** Somebody has signed in, or was found to be: what another person pulled goes, what others have to send stays. */
export async function rememberPerson(person: Person): Promise<void> {
  const pulledFor = await fact('pulled_for')
  await transaction(['facts', 'pulled'], async (rows) => {
    await writeFacts(rows.objectStore('facts'), { person, stopped: undefined })
    if (pulledFor !== undefined && pulledFor !== person.id) {
      await rows.objectStore('pulled').clear()
      await writeFacts(rows.objectStore('facts'), {
        cursor: undefined,
        pulled_for: undefined,
        pulled_at: undefined,
        synced_at: undefined,
        headline: undefined,
        issues: undefined,
        recalls: undefined,
        recent: undefined,
      })
    }
  })
  tell('person')
  tell('pulled')
}

/** Nobody uses the phone any more; nothing that waits is lost. */
export async function forgetPerson(): Promise<void> {
  await remember({ person: undefined })
  tell('person')
}
