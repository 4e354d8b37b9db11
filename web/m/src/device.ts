// What this phone is, what it can do here, and what a plain-HTTP address takes away.
import type { ThisDevice } from '../../shared/session'
import { uuid7 } from '../../shared/uuid'
import { fact, remember } from './db'

/** The release this app came with; the server may ask for a newer one. */
export const APP_VERSION = '0.1.0'

/** What is missing here; screens say what it means for the person. */
export type Missing = 'secure' | 'worker' | 'position' | 'camera' | 'persist' | 'background_sync'

let made: Promise<string> | null = null

/** This browser's own id; made once, and kept for as long as its data are. */
export function deviceId(): Promise<string> {
  made ??= fact('device_id').then(async (kept) => {
    if (kept) return kept
    const fresh = uuid7()
    await remember({ device_id: fresh })
    return fresh
  })
  return made
}

/** For sign-in and enrolment. */
export async function thisDevice(): Promise<ThisDevice> {
  return { id: await deviceId(), platform: platform(), model: model(), app_version: APP_VERSION }
}

export function platform(): string {
  const told = navigator.userAgent
  if (/iPhone|iPad|iPod/.test(told)) return 'ios-web'
  if (/Android/.test(told)) return 'android-web'
  return /HarmonyOS|OpenHarmony/.test(told) ? 'harmony-web' : 'web'
}

/** As the browser calls the phone; short enough for the door. */
export function model(): string {
  const told = navigator.userAgent
  const android = /Android [^;)]*; ([^;)]+)/.exec(told)?.[1]?.replace(/ Build\/.*/, '').trim()
  return (android || /iPhone|iPad/.exec(told)?.[0] || navigator.platform || 'browser').slice(0, 100)
}

export interface Room {
  /** Bytes used by this app, and how many it may use; null where the browser does not tell. */
  used: number | null
  quota: number | null
  /** Whether the browser has promised not to clear it; null where it does not tell. */
  isPersisted: boolean | null
}

export async function room(): Promise<Room> {
  if (!navigator.storage?.estimate) return { used: null, quota: null, isPersisted: null }
  try {
    const told = await navigator.storage.estimate()
    const isPersisted = navigator.storage.persisted ? await navigator.storage.persisted() : null
    return { used: told.usage ?? null, quota: told.quota ?? null, isPersisted }
  } catch {
    return { used: null, quota: null, isPersisted: null }
  }
}

/** What this browser cannot do at this address. */
export function missing(): Missing[] {
  const has: Record<Missing, boolean> = {
    secure: self.isSecureContext,
    worker: 'serviceWorker' in navigator,
    position: self.isSecureContext && 'geolocation' in navigator,
    camera: Boolean(navigator.mediaDevices?.getUserMedia),
    persist: Boolean(navigator.storage?.persist),
    background_sync: 'SyncManager' in self,
  }
  return (Object.keys(has) as Missing[]).filter((one) => !has[one])
}

/** Whether the phone pays for its data just now; null where the browser does not tell. */
export function isCellular(): boolean | null {
  const { connection } = navigator as { connection?: { type?: string } }
  return connection?.type === undefined ? null : connection.type === 'cellular'
}

/** Whether the person lets photos wait for Wi-Fi; records always go. */
export async function wifiOnly(): Promise<boolean> {
  return (await fact('wifi_only')) ?? false
}

export async function setWifiOnly(isWanted: boolean): Promise<void> {
  await remember({ wifi_only: isWanted })
}

/** Whether it runs as an installed app. */
export function isInstalled(): boolean {
  const standalone = (navigator as { standalone?: boolean }).standalone
  return standalone === true || (typeof matchMedia === 'function' && matchMedia('(display-mode: standalone)').matches)
}
