// What was done is also said aloud: a place that is there from the start, because one that comes with its words is not read.
import { readonly, ref } from 'vue'

/** Two of one deed are one message; and the same words again are read again. */
const TOGETHER_MS = 150
const words = ref('')
let timer: ReturnType<typeof setTimeout> | undefined

/** The words that are being said. */
export const announced = readonly(words)

export function announce(text: string): void {
  clearTimeout(timer)
  words.value = ''
  timer = setTimeout(() => (words.value = text), TOGETHER_MS)
}
