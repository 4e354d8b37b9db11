// Vant's icon sheet inlines its font as a data: address and falls back to a public CDN; our policy refuses the one, a
// closed network the other. The font becomes a file of ours, and a changed sheet stops the build.
import { Buffer } from 'node:buffer'
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

const SOURCE = /src:\s*url\(["']?data:font\/woff2;charset=utf-8;base64,([A-Za-z0-9+/=]+)["']?\)\s*format\(["']woff2["']\)[^;}]*/
const FONT = 'vant-icons.woff2'

function sheet(): RegExpExecArray {
  const path = createRequire(import.meta.url).resolve('vant/es/icon/index.css')
  const found = SOURCE.exec(readFileSync(path, 'utf8'))
  if (!found) throw new Error('vant-icon-font: the icon sheet has changed, look at it again')
  return found
}

export function vantIconFont(): Plugin {
  const [source, font] = sheet()
  return {
    name: 'vant-icon-font',
    enforce: 'pre',
    transform(code, id) {
      if (!code.includes(source)) return null
      if (!/\.css/.test(id)) this.error(`the icon font turned up in ${id}`)
      return { code: code.replace(source, `src:url("./${FONT}") format("woff2")`), map: null }
    },
    resolveId(name) {
      return name.endsWith(FONT) ? { id: name, external: true } : null
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: `assets/${FONT}`, source: Buffer.from(font ?? '', 'base64') })
    },
  }
}
