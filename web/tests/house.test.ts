// The house rules of both apps, held by reading their sources.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it, vi } from 'vitest'

vi.stubGlobal('localStorage', undefined)

const WEB = join(__dirname, '..')
const ROOTS = ['m/src', 'hq/src', 'shared']
/** Words, not the marks between them. */
const CJK = /[\u3400-\u9fff]/

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((one) =>
    one.isDirectory() ? filesUnder(join(folder, one.name)) : [join(folder, one.name)],
  )
}

const sources = ROOTS.flatMap((root) => filesUnder(join(WEB, root)))
  .filter((path) => /\.(vue|ts)$/.test(path) && !path.endsWith('api.d.ts'))
  .map((path) => ({ path: relative(WEB, path), text: readFileSync(path, 'utf8') }))

const isWords = (path: string): boolean => /(^|\/)words(\/|\.ts$)/.test(path)

/** What is left when comments are gone: a comment may quote the office's own words. */
function withoutComments(text: string): string {
  return text
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[\s;{}(,])\/\/[^\n]*/g, '$1')
}

function template(text: string): string {
  const from = text.indexOf('<template>')
  return from < 0 ? '' : text.slice(from, text.lastIndexOf('</template>'))
}

type Tree = { [name: string]: string | Tree }

function leaves(tree: Tree, under = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([name, held]) =>
      typeof held === 'string' ? [[under + name, held] as const] : [...leaves(held, `${under}${name}.`)],
    ),
  )
}

const places = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]!).sort()

describe('the house', () => {
  it('keeps what people read in the words files', () => {
    const spoken = sources.filter(({ path, text }) => !isWords(path) && CJK.test(withoutComments(text)))
    expect(spoken.map(({ path }) => path)).toEqual([])
  })

  it('writes no static style attribute, which the content policy would block', () => {
    const styled = sources.filter(({ path, text }) => path.endsWith('.vue') && /(?<![:\w-])style="/.test(template(text)))
    expect(styled.map(({ path }) => path)).toEqual([])
  })

  it('hands no text to be read as markup', () => {
    const raw = sources.filter(({ text }) => /v-html|innerHTML|insertAdjacentHTML|document\.write/.test(withoutComments(text)))
    expect(raw.map(({ path }) => path)).toEqual([])
  })

  it('names no outside host', () => {
    const outside = sources.filter(({ text }) => /['"`](https?:)?\/\/[a-z]/i.test(withoutComments(text)))
    expect(outside.map(({ path }) => path)).toEqual([])
  })
})

describe.each(['m', 'hq'])('the words of %s', (app) => {
  const files = sources.filter(({ path }) => path.startsWith(`${app}/src/words/`))

  it.each(files.map(({ path }) => path))('%s tells the same in both languages', async (path) => {
    const told = Object.values((await import(join(WEB, path))) as Record<string, { zh: Tree; en: Tree }>).filter((one) => one?.zh && one.en)
    expect(told.length).toBeGreaterThan(0)
    for (const { zh, en } of told) {
      const [chinese, english] = [leaves(zh), leaves(en)]
      expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort())
      for (const [name, text] of chinese) {
        expect(places(english.get(name)!), name).toEqual(places(text))
        expect(english.get(name)!.split('\n').length, name).toBe(text.split('\n').length)
      }
    }
  })

  it('has a word for every name that a template asks for', async () => {
    const said = new Set<string>()
    for (const { path } of files) {
      for (const [name, one] of Object.entries((await import(join(WEB, path))) as Record<string, { zh: Tree }>)) {
        if (one?.zh) for (const leaf of leaves(one.zh).keys()) said.add(`${name}.${leaf}`)
      }
    }
    const asked = sources
      .filter(({ path }) => path.startsWith(`${app}/src`))
      .flatMap(({ path, text }) => [...withoutComments(text).matchAll(/\bt\(\s*'(\w+(?:\.\w+)+)'/g)].map((found) => ({ path, name: found[1]! })))
    expect(asked.filter(({ name }) => !said.has(name))).toEqual([])
  })
})
