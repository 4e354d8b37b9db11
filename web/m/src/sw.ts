// The worker: the app without a line, and the outbox with the page closed. It keeps the shell, never an answer of a door.
/// <reference lib="webworker" />
/// <reference path="./env.d.ts" />
/// <reference path="../worker.d.ts" />
import { flush } from './sync'

declare const self: ServiceWorkerGlobalScope

interface SyncEvent extends ExtendableEvent {
  readonly tag: string
  readonly lastChance?: boolean
}

const BASE = '/m/'
const INDEX = `${BASE}index.html`
/** Another list of files is another shell: a worker that was rebuilt from the same files keeps what is there. */
const SHELL = `qianbai-shell-${nameOf(__SHELL__)}`
/** How long the newest page is waited for before the kept one is shown. */
const PATIENCE_MS = 3_000

function nameOf(files: readonly string[]): string {
  let hash = 5381
  for (const letter of files.join('|')) hash = (hash * 33) ^ letter.charCodeAt(0)
  return (hash >>> 0).toString(36)
}

self.addEventListener('install', (event) => {
  event.waitUntil(keepShell())
})

self.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([dropOlder(), self.clients.claim()]))
})

self.addEventListener('message', (event) => {
  if (event.data === 'skip-waiting') void self.skipWaiting()
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin || !url.pathname.startsWith(BASE)) return
  if (url.pathname === `${BASE}sw.js`) return
  if (request.mode === 'navigate') event.respondWith(page(event))
  else event.respondWith(asset(request))
})

self.addEventListener('sync', (event) => {
  ;(event as SyncEvent).waitUntil(sendAll(event as SyncEvent))
})

self.addEventListener('periodicsync', (event) => {
  ;(event as SyncEvent).waitUntil(flush('worker'))
})

/** A rejected event is the browser's sign to come back later; so it must be, while something still waits. */
async function sendAll(event: SyncEvent): Promise<void> {
  const round = await flush('worker')
  const isLeft = Object.keys(round.faults).length > 0 && round.stopped === null
  if (isLeft && !event.lastChance) throw new Error('something still waits')
}

async function keepShell(): Promise<void> {
  const cache = await caches.open(SHELL)
  // Past every HTTP cache: an index that names files of yesterday would be kept for good.
  await cache.put(INDEX, await demand(INDEX))
  await Promise.all(
    __SHELL__.map(async (name) => {
      const url = BASE + name
      if (!(await cache.match(url))) await cache.put(url, (await caches.match(url)) ?? (await demand(url)))
    }),
  )
}

async function demand(url: string): Promise<Response> {
  const response = await fetch(url, { cache: 'no-cache', credentials: 'same-origin' })
  if (!response.ok || response.redirected) throw new Error(`${response.status} for ${url}`)
  return response
}

async function dropOlder(): Promise<void> {
  const names = await caches.keys()
  await Promise.all(names.filter((name) => name.startsWith('qianbai-shell-') && name !== SHELL).map((name) => caches.delete(name)))
}

/** The newest page, or the kept one when the line is down or slow; a hotel's log-in page is not ours. */
async function page(event: FetchEvent): Promise<Response> {
  const kept = await caches.match(INDEX)
  const fresh = newest(event)
  if (!kept) return fresh
  return Promise.race([fresh.catch(() => kept.clone()), later(PATIENCE_MS).then(() => kept.clone())])
}

async function newest(event: FetchEvent): Promise<Response> {
  const response = await fetch(INDEX, { cache: 'no-cache', credentials: 'same-origin', redirect: 'error' })
  const isHtml = (response.headers.get('Content-Type') ?? '').startsWith('text/html')
  const text = await response.clone().text()
  if (!response.ok || !isHtml || !text.includes('id="app"')) throw new Error('not our page')
  event.waitUntil(keepIndex(text, response))
  return response
}

/** Kept only when every file it names is here; the files of a newer page come with its worker. */
async function keepIndex(text: string, response: Response): Promise<void> {
  const named = Array.from(text.matchAll(/(?:src|href)="(\/m\/assets\/[^"]+)"/g), (found) => found[1]!)
  const cache = await caches.open(SHELL)
  const here = await Promise.all(named.map((url) => cache.match(url)))
  if (here.every(Boolean)) await cache.put(INDEX, new Response(text, { headers: response.headers }))
}

/** Files with a hash in their name never change; the few others are asked for, and kept for want of a line. */
async function asset(request: Request): Promise<Response> {
  const kept = await caches.match(request, { ignoreVary: true })
  if (kept) return kept
  return fetch(request)
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
