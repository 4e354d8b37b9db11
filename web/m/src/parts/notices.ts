// What the app says or asks in passing, over whatever is shown: one toast, one question.
import { shallowRef } from 'vue'

const SHOWN_MS = 3_000

export interface Toast {
  text: string
  icon: string | null
}

export interface Question {
  text: string
  yes: string
  answer: (isYes: boolean) => void
}

export const toast = shallowRef<Toast | null>(null)
export const question = shallowRef<Question | null>(null)
let fading: ReturnType<typeof setTimeout>

/** Says something that need not be answered; it goes by itself, and is read out to whoever does not see it. */
export function showToast(text: string, icon: string | null = null): void {
  clearTimeout(fading)
  toast.value = { text, icon }
  fading = setTimeout(() => (toast.value = null), SHOWN_MS)
}

/** Whether the person wants it so; `yes` is the word on the button that does it. */
export async function confirmed(text: string, yes: string): Promise<boolean> {
  question.value?.answer(false)
  const isYes = await new Promise<boolean>((answer) => (question.value = { text, yes, answer }))
  question.value = null
  return isYes
}
