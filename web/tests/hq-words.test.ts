// The words of headquarters' app: none that nobody says, and each language with its own marks.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'

vi.stubGlobal('localStorage', undefined)

const HQ = join(__dirname, '../hq/src')
/** Chinese marks: commas and stops, brackets, and the full-width forms of ASCII. */
const FULL_WIDTH = /[\u3001-\u3011\uff01-\uff5e]/

type Tree = { [name: string]: string | Tree }

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((one) =>
    one.isDirectory() ? filesUnder(join(folder, one.name)) : [join(folder, one.name)],
  )
}

function leaves(tree: Tree, under: string): [string, string][] {
  return Object.entries(tree).flatMap(([name, held]) =>
    typeof held === 'string' ? [[under + name, held] as [string, string]] : leaves(held, `${under}${name}.`),
  )
}

const paths = filesUnder(HQ).filter((path) => /\.(vue|ts)$/.test(path))
const isWords = (path: string): boolean => path.includes('/words')
const files = paths.filter((path) => !isWords(path)).map((path) => ({ path, text: readFileSync(path, 'utf8') }))
const sources = files.map(({ text }) => text)
const scripts = files.filter(({ path }) => path.endsWith('.ts')).map(({ text }) => text)
const said = await Promise.all(
  paths.filter((path) => path.includes('/words/')).map(async (path) => Object.entries((await import(path)) as Record<string, { zh: Tree; en: Tree }>)),
)
const screens = said.flat()

/** Templates that put a name together, such as `sites.states.${one}`, each as a shape with what is put in. */
const templates = sources.flatMap((text) =>
  [...text.matchAll(/`(\w+\.[^`\s]*\$\{[^`]*)`/g)].map(([, made]) => {
    const shape = made!.replace(/\$\{[^}]*\}+/g, '\0').replace(/[.]/g, '\\.').replace(/\0/g, '(\\w+)')
    return { text, shape: new RegExp(`^${shape}$`), isPage: /^\w+\.\$\{/.test(made!) }
  }),
)
const quotes = (part: string) => (text: string): boolean => text.includes(`'${part}'`)
const names = (part: string, text: string): boolean => quotes(part)(text) || new RegExp(`\\b${part}:`).test(text)

/** Whether a page says the word: by its whole name, or by a template; what is put in right below a page stands in the same source or a script. */
function isSaid(name: string): boolean {
  if (sources.some((text) => text.includes(`'${name}'`) || text.includes(`"${name}"`))) return true
  return templates.some(({ text, shape, isPage }) => {
    const fits = shape.exec(name)
    return fits !== null && (!isPage || name.split('.').length > 2 || names(fits[1]!, text) || scripts.some(quotes(fits[1]!)))
  })
}

describe('the words of headquarters', () => {
  it('are all said by some page', () => {
    const unsaid = screens.flatMap(([page, { zh }]) => leaves(zh, `${page}.`)).filter(([name]) => !isSaid(name))
    expect(unsaid.map(([name]) => name)).toEqual([])
  })

  it('have no full-width marks in English', () => {
    const wide = screens.flatMap(([page, { en }]) => leaves(en, `${page}.`)).filter(([, words]) => FULL_WIDTH.test(words))
    expect(wide).toEqual([])
  })

  it('bring all marks with them: pages write none that only one language reads', () => {
    const marked = sources.map((text) => text.replace(/<!--[\s\S]*?-->|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '')).filter((text) => FULL_WIDTH.test(text))
    expect(marked).toEqual([])
  })
})
