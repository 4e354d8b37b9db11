// The browser is asked to wake the worker when the line is back, though the page may be closed by then; few browsers do.
const TAG = 'outbox'
const DAY_MS = 12 * 3_600_000

interface Waking {
  sync?: { register(tag: string): Promise<void> }
  periodicSync?: { register(tag: string, options: { minInterval: number }): Promise<void> }
}

async function worker(): Promise<Waking | null> {
  const held = navigator as { serviceWorker?: { getRegistration?(scope: string): Promise<Waking | undefined> } }
  if (typeof document === 'undefined' || !held.serviceWorker?.getRegistration) return null
  return (await held.serviceWorker.getRegistration('/m/')) ?? null
}

/** Something waits to be sent. */
export async function askToBeWoken(): Promise<void> {
  try {
    await (await worker())?.sync?.register(TAG)
  } catch {
    // Not allowed here; the page sends when it is open.
  }
}

/** An installed app may look after its outbox twice a day by itself. */
export async function askToBeWokenDaily(): Promise<void> {
  try {
    await (await worker())?.periodicSync?.register(TAG, { minInterval: DAY_MS })
  } catch {
    // Only installed apps that are used often are allowed to.
  }
}
