// How the outbox stands, read once for all screens and again at every change.
import { shallowRef } from 'vue'
import { outboxStatus } from '../entries'
import type { OutboxStatus } from '../model'
import { onNews } from '../news'
import { person, settled } from './account'

const NOTHING: OutboxStatus = {
  records: 0, photos: 0, held: 0, others: 0, oldestAt: null, isSending: false, stopped: null, resting: null, lastContactAt: null, lastSyncedAt: null,
}

export const status = shallowRef<OutboxStatus>(NOTHING)
/** The browser keeps nothing: a record would be lost, so that none may be promised to be kept. */
export const storeBroken = shallowRef(false)

let turn = 0

export async function readStatus(): Promise<void> {
  const mine = ++turn
  try {
    await settled()
    const told = await outboxStatus(person.value?.id ?? '')
    storeBroken.value = false
    if (mine === turn) status.value = told
  } catch {
    storeBroken.value = true
  }
}

onNews(() => void readStatus())
