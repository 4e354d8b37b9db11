import createClient from 'openapi-fetch'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { paths } from '../shared/api.d'
import { forget, remembering } from '../shared/remembered'

interface Asked {
  url: string
  etag: string | null
}

function office(figures: () => number) {
  const asked: Asked[] = []
  const fetch = (request: Request): Promise<Response> => {
    const etag = request.headers.get('If-None-Match')
    asked.push({ url: request.url, etag })
    const now = `W/"${figures()}"`
    const headers = { ETag: now, 'Content-Type': 'application/json' }
    if (etag === now) return Promise.resolve(new Response(null, { status: 304, headers }))
    return Promise.resolve(new Response(JSON.stringify({ as_of: String(figures()) }), { headers }))
  }
  const client = createClient<paths>({ baseUrl: 'http://office', fetch })
  client.use(remembering)
  return { asked, overview: async () => (await client.GET('/api/hq/v1/progress/overview', {})).data?.as_of }
}

beforeEach(() => vi.stubGlobal('document', { documentElement: { lang: 'zh-CN' } }))
afterEach(() => {
  forget()
  vi.unstubAllGlobals()
})

describe('what the page remembers', () => {
  it('is asked for by its ETag, and answers when nothing changed', async () => {
    const { asked, overview } = office(() => 1)
    expect([await overview(), await overview()]).toEqual(['1', '1'])
    expect(asked.map((one) => one.etag)).toEqual([null, 'W/"1"'])
  })
  it('gives way to what changed', async () => {
    let figure = 1
    const { overview } = office(() => figure)
    await overview()
    figure = 2
    expect(await overview()).toBe('2')
  })
  it('is told apart by language', async () => {
    const { asked, overview } = office(() => 1)
    await overview()
    document.documentElement.lang = 'en'
    await overview()
    expect(asked[1]?.etag).toBeNull()
  })
  it('is gone when somebody leaves', async () => {
    const { asked, overview } = office(() => 1)
    await overview()
    forget()
    await overview()
    expect(asked[1]?.etag).toBeNull()
  })
})
