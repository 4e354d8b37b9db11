// The worker keeps the app on the phone; a newer one waits until the person agrees, so that no form is closed under them.
import { shallowRef } from 'vue'

const waiting = shallowRef<ServiceWorker | null>(null)
export const newVersion = waiting
let registration: ServiceWorkerRegistration | null = null
let wanted = false

function watchNext(found: ServiceWorkerRegistration): void {
  const next = found.installing
  next?.addEventListener('statechange', () => {
    // Without a controller it is the first worker: nothing is replaced.
    if (next.state === 'installed' && navigator.serviceWorker.controller) waiting.value = next
  })
}

/** Registers the worker where there may be one; asks for a newer one at each return to the app. */
export async function keepApp(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) return
  navigator.serviceWorker.addEventListener('controllerchange', () => wanted && location.reload())
  try {
    registration = await navigator.serviceWorker.register('/m/sw.js', { scope: '/m/' })
  } catch {
    return // A web view that forbids workers; the app goes on without.
  }
  if (registration.waiting && navigator.serviceWorker.controller) waiting.value = registration.waiting
  watchNext(registration)
  registration.addEventListener('updatefound', () => registration && watchNext(registration))
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void lookForUpdate()
  })
}

/** Whether a newer version waits now. */
export async function lookForUpdate(): Promise<boolean> {
  try {
    await registration?.update()
  } catch {
    // No line: looked for again at the next return.
  }
  return waiting.value !== null
}

/** The newer version takes over, and the page is opened anew; drafts are on the disk. */
export function updateNow(): void {
  wanted = true
  waiting.value?.postMessage('skip-waiting')
}
