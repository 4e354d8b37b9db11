// The worker is one file with a name that never changes, at /m/sw.js: its scope is then the app, with no extra header.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vite'
import { TARGET } from './vite.common.ts'

/** Everything of the built app that must be there without a line; built after it, never before. */
function shell(): string[] {
  const under = (folder: string): string[] =>
    readdirSync(join('dist/m', folder), { withFileTypes: true }).flatMap((one) =>
      one.isDirectory() ? under(`${folder}${one.name}/`) : [`${folder}${one.name}`],
    )
  return under('')
    .filter((name) => !name.endsWith('sw.js') && name !== 'index.html')
    .sort()
}

export default defineConfig({
  publicDir: false,
  define: { __SHELL__: JSON.stringify(shell()) },
  build: {
    outDir: 'dist/m',
    emptyOutDir: false,
    target: TARGET,
    // Libraries in ES format are left unminified; a classic script, as which it is registered, is not.
    lib: { entry: 'm/src/sw.ts', formats: ['iife'], name: 'worker', fileName: () => 'sw.js' },
  },
})
