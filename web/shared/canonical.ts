import { md5 } from '@noble/hashes/legacy.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/** JSON as RFC 8785 writes it: the server hashes a record's body so, and we check its receipt against ours. */
export function canonical(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((one) => canonical(one ?? null)).join(',')}]`
  const held = value as Record<string, unknown>
  const members = Object.keys(held)
    .filter((name) => held[name] !== undefined)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(held[name])}`)
  return `{${members.join(',')}}`
}

/** 64 lower-case hex digits; not from `crypto.subtle`, which plain HTTP does not have. */
export function sha256Hex(of: string | Uint8Array): string {
  return bytesToHex(sha256(typeof of === 'string' ? utf8ToBytes(of) : of))
}

/** 32 lower-case hex digits; object stores bind an upload to it. */
export function md5Hex(of: Uint8Array): string {
  return bytesToHex(md5(of))
}
