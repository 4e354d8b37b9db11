// Chrome and its kin offer to install the app once they are sure; the offer is kept for the page that asks.
import { shallowRef } from 'vue'

interface Offer extends Event {
  prompt(): Promise<unknown>
}

export const installer = shallowRef<Offer | null>(null)

/** Keeps the browser's offer instead of its own banner. */
export function keepOffer(): void {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    installer.value = event as Offer
  })
  addEventListener('appinstalled', () => (installer.value = null))
}
