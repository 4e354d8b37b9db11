// Page, other tabs and the worker share one database; whoever changes it tells the others that there is something to read.
export type News = 'outbox' | 'pulled' | 'drafts' | 'person' | 'issues'

type Listener = (of: News) => void

/** A thousand records on their way change the outbox many times a second: the longer it goes on, the seldomer it is told. */
const OUTBOX_PAUSE_MS = 300
const LONGEST_PAUSE_MS = 2_400

const listeners = new Set<Listener>()
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('qianbai')
// In Node a channel keeps the process alive; browsers have no such thing.
;(channel as { unref?: () => void } | null)?.unref?.()
channel?.addEventListener('message', (event: MessageEvent<News>) => hear(event.data))

let pausing: ReturnType<typeof setTimeout> | null = null
let isMissed = false
let pauseMs = OUTBOX_PAUSE_MS

/** Say that rows of this kind have changed, here and in every other tab. */
export function tell(of: News): void {
  if (of === 'outbox') return tellOutbox()
  hear(of)
  channel?.postMessage(of)
}

/** Be called whenever something has changed; the answer ends it. */
export function onNews(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function hear(of: News): void {
  for (const listener of listeners) listener(of)
}

/** At once, and after a pause once more if something has changed meanwhile: the last change is always told. */
function tellOutbox(): void {
  if (pausing !== null) {
    isMissed = true
    return
  }
  hear('outbox')
  channel?.postMessage('outbox')
  pausing = setTimeout(() => {
    pausing = null
    pauseMs = isMissed ? Math.min(pauseMs * 2, LONGEST_PAUSE_MS) : OUTBOX_PAUSE_MS
    if (!isMissed) return
    isMissed = false
    tellOutbox()
  }, pauseMs)
}
