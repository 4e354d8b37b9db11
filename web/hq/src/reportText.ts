// A bulletin's sentences name their figures, `{thousand.counted}`; here they are told apart from the words.
import { useI18n } from 'vue-i18n'

export interface Piece {
  text: string
  /** The figure that stands here; nothing for the editor's own words. */
  name?: string
  isKnown: boolean
}
export type Facts = Record<string, { shown?: string }>

const PLACE = /\{([a-z0-9_.]+)\}/g

/** The text as it reads, piece by piece; a name that no figure has stays as it was typed. */
export function pieces(text: string, facts: Facts): Piece[] {
  const made: Piece[] = []
  let from = 0
  for (const found of text.matchAll(PLACE)) {
    if (found.index > from) made.push({ text: text.slice(from, found.index), isKnown: true })
    const fact = facts[found[1]!]
    made.push({ text: fact?.shown ?? found[0], name: found[1]!, isKnown: fact !== undefined })
    from = found.index + found[0].length
  }
  if (from < text.length) made.push({ text: text.slice(from), isKnown: true })
  return made
}

/** The names of a text's figures, each once, in their order. */
export function namesIn(text: string): string[] {
  return [...new Set([...text.matchAll(PLACE)].map((found) => found[1]!))]
}

/** What people call a figure; a name this app has no words for stays as it is. */
export function useFactName(): (name: string) => string {
  const { t, te } = useI18n()
  return (name) => {
    const at = name.lastIndexOf('.')
    const [of, leaf] = [name.slice(0, Math.max(at, 0)).replace(/\./g, '_'), name.slice(at + 1)]
    const [, whose, n] = /^([a-z_]*)(\d*)$/.exec(of) ?? []
    if (!te(`facts.name.${leaf}`) || (whose && !te(`facts.of.${whose}`))) return name
    return [whose ? t(`facts.of.${whose}`, { n: n ?? '' }) : '', t(`facts.name.${leaf}`)].filter(Boolean).join(' · ')
  }
}
