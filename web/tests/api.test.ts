// What a door says when it refuses reaches the person, although the client has read the answer's body.
import { afterEach, expect, it, vi } from 'vitest'

vi.hoisted(() => vi.stubGlobal('self', globalThis)) // Pages and workers have it; Node has not.

import { api, told } from '../shared/api'
import { Refused } from '../shared/problem'

const PROBLEM = { title: 'Wrong', status: 422, code: 'bad_targets', detail: 'The targets are wrong', errors: [{ pointer: '/targets/0', detail: 'above the next' }] }

afterEach(() => vi.unstubAllGlobals())

async function refusedWith(body: BodyInit | null, status: number): Promise<unknown> {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(body, { status, statusText: 'Unhappy', headers: { 'Content-Type': 'application/json' } })))
  return told(api.GET('/api/v1/codes', { baseUrl: 'http://house.test' })).catch((problem: unknown) => problem)
}

it('says what the house said, with every fault', async () => {
  const problem = await refusedWith(JSON.stringify(PROBLEM), 422)
  expect(problem).toBeInstanceOf(Refused)
  expect((problem as Refused).problem).toEqual(PROBLEM)
})

it.each([['<html>', 502], ['', 503]])('calls the page of a gateway by its status (%s)', async (body, status) => {
  expect((await refusedWith(body, status)) as Refused).toMatchObject({ code: `http_${status}`, status })
})
