import type { ProxyOptions } from 'vite'

/** Office browsers (360, 奇安信, 统信) lag years behind; Vite's own default is far newer. */
export const TARGET = ['chrome87', 'safari14']

/** While developing, the doors are those of a running `./qianbai serve --demo`. */
export function apiProxy(): Record<string, ProxyOptions> {
  const to = process.env.QIANBAI_URL ?? 'http://127.0.0.1:8000'
  return { '/api': { target: to }, '/readyz': { target: to }, '/about': { target: to } }
}
