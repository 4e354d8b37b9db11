// The last resort of a phone that cannot send: everything unsent in one ZIP file, with the hash of each part, which the
// office can read without this app. Pictures are stored as they are: they would not become smaller.
import { sha256Hex } from '../../shared/canonical'
import { db } from './db'
import { APP_VERSION, deviceId } from './device'
import type { OutboxRow } from './model'

interface Part {
  name: string
  bytes: Uint8Array<ArrayBuffer>
}

/** All of this person's that is not proved to be at the server, drafts included; null when there is nothing. */
export async function backup(authorId: string, at = new Date()): Promise<{ name: string; file: Blob; records: number; photos: number } | null> {
  const open = await db()
  const rows = (await open.getAll('outbox')).filter((row) => row.author_id === authorId && (row.state === 'waiting' || row.state === 'held'))
  const drafts = (await open.getAll('drafts')).filter((draft) => draft.author_id === authorId)
  const unsent = new Set([...rows.map((row) => row.id), ...drafts.map((draft) => draft.id)])
  const photos = (await open.getAll('photos')).filter(
    (photo) => photo.author_id === authorId && photo.hasBytes && (photo.state !== 'sent' || unsent.has(photo.record_id)),
  )
  if (!rows.length && !drafts.length && !photos.length) return null
  const parts: Part[] = [
    ...rows.map((row) => ({ name: `records/${row.op_id}.json`, bytes: utf8(row.text) })),
    ...drafts.map((draft) => ({ name: `drafts/${draft.id}.json`, bytes: utf8(JSON.stringify(draft)) })),
  ]
  for (const photo of photos) {
    const bytes = await open.get('bytes', photo.id)
    if (bytes) parts.push({ name: `photos/${photo.id}.${extension(photo.content_type)}`, bytes: new Uint8Array(bytes) })
  }
  const manifest = {
    made_at: at.toISOString(),
    app_version: APP_VERSION,
    device_id: await deviceId(),
    author_id: authorId,
    records: rows.map(told),
    photos,
    files: parts.map(({ name, bytes }) => ({ name, bytes: bytes.length, sha256: sha256Hex(bytes) })),
  }
  const file = zip([{ name: 'manifest.json', bytes: utf8(JSON.stringify(manifest, null, 1)) }, ...parts], at)
  return { name: `qianbai-${at.toISOString().slice(0, 19).replace(/\D/g, '')}.zip`, file, records: rows.filter((row) => row.type !== 'photo').length, photos: photos.length }
}

function told({ text: _text, ...row }: OutboxRow): object {
  return { ...row, file: `records/${row.op_id}.json` }
}

function extension(contentType: string): string {
  return contentType.split('/')[1]!.replace('jpeg', 'jpg')
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>
}

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
  return value
})

function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (const byte of bytes) value = CRC[(value ^ byte) & 0xff]! ^ (value >>> 8)
  return (value ^ 0xffffffff) >>> 0
}

const UTF8_NAMES = 0x0800
const VERSION = 20

/** A ZIP file whose parts are stored, not packed. */
export function zip(parts: readonly Part[], at: Date): Blob {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  const directory: Uint8Array<ArrayBuffer>[] = []
  let offset = 0
  for (const { name, bytes } of parts) {
    const label = utf8(name)
    const facts = [VERSION, UTF8_NAMES, 0, dosTime(at), dosDay(at)]
    const sizes = [crc32(bytes), bytes.length, bytes.length]
    const head = words([0x04034b50], facts, sizes, [label.length, 0])
    pieces.push(head, label, bytes)
    directory.push(words([0x02014b50], [VERSION, ...facts], sizes, [label.length, 0, 0, 0, 0], [0, offset]), label)
    offset += head.length + label.length + bytes.length
  }
  const length = directory.reduce((sum, one) => sum + one.length, 0)
  const end = words([0x06054b50], [0, 0, parts.length, parts.length], [length, offset], [0])
  return new Blob([...pieces, ...directory, end], { type: 'application/zip' })
}

/** Numbers of 4 and 2 bytes by turns, little end first. */
function words(...groups: number[][]): Uint8Array<ArrayBuffer> {
  const width = (at: number) => (at % 2 === 0 ? 4 : 2)
  const view = new DataView(new ArrayBuffer(groups.reduce((sum, group, at) => sum + group.length * width(at), 0)))
  let place = 0
  groups.forEach((group, at) => {
    for (const value of group) {
      if (width(at) === 4) view.setUint32(place, value, true)
      else view.setUint16(place, value, true)
      place += width(at)
    }
  })
  return new Uint8Array(view.buffer)
}

function dosTime(at: Date): number {
  return (at.getHours() << 11) | (at.getMinutes() << 5) | (at.getSeconds() >> 1)
}

function dosDay(at: Date): number {
  return (Math.max(0, at.getFullYear() - 1980) << 9) | ((at.getMonth() + 1) << 5) | at.getDate()
}
