// The doors, typed by the contract: an answer that changes shape stops the build of the screen that shows it.
import createClient from 'openapi-fetch'
import type { components, paths } from './api.d'
import { refusal } from './problem'
import { sessionFetch } from './session'

export type Schemas = components['schemas']

export const api = createClient<paths>({ baseUrl: self.location?.origin ?? '', fetch: sessionFetch })

/** The answer's body; a refusal is thrown as {@link Refused}. */
export async function told<T>(asked: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await asked
  if (!response.ok) throw refusal(error, response) // The client has read the body: it cannot be read again.
  return data as T
}
