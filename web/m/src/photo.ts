// A picture on its way onto the phone: smaller, upright, with what the camera wrote about it, hashed, and on the disk
// before anybody is told that it was kept. The official stamp is the server's; the phone only shows what it will say.
import { md5Hex, sha256Hex } from '../../shared/canonical'
import { offsetTime } from '../../shared/format'
import { uuid7 } from '../../shared/uuid'
import { db, transaction } from './db'
import { app1Of, factsOf, upright, withApp1 } from './exif'
import { withRoom } from './keeping'
import type { Fix, PhotoRow, Place } from './model'
import { tell } from './news'

const LONG_EDGE = 1920
const QUALITY = 0.82
/** A small upright JPEG is kept byte for byte: nothing is gained by drawing it again. */
const SMALL_BYTES = 900_000
const KEPT_AS_IT_IS = ['image/heic', 'image/heif', 'image/jpeg', 'image/png', 'image/webp']

/** The file is no picture that this browser or the server could open. */
export class NotAPicture extends Error {
  constructor() {
    super('not_a_picture')
    this.name = 'NotAPicture'
  }
}

export interface Taking {
  /** The form it is taken for. */
  record_id: string
  author_id: string
  source: PhotoRow['source']
  /** The position at the shutter. */
  fix?: Fix | null
  /** When the shutter was pressed; now, when nothing else is known. */
  at?: Date
  longEdge?: number
  quality?: number
}

interface Ready {
  bytes: Uint8Array<ArrayBuffer>
  content_type: PhotoRow['content_type']
  width: number
  height: number
  taken_at: string | null
  place: Place | null
}

let queue: Promise<unknown> = Promise.resolve()

/**
 * Take a picture in; on the disk when it returns. One at a time, for a dozen large pictures at once end a small phone.
 *
 * Throws {@link NotAPicture}, or `PhoneFull` when there is no room.
 */
export function takePhoto(file: Blob, taking: Taking): Promise<PhotoRow> {
  const next = queue.then(() => keep(file, taking))
  queue = next.catch(() => undefined)
  return next
}

async function keep(file: Blob, taking: Taking): Promise<PhotoRow> {
  const ready = await made(file, taking)
  const at = taking.at ?? new Date()
  const row: PhotoRow = {
    id: uuid7(),
    author_id: taking.author_id,
    record_id: taking.record_id,
    content_type: ready.content_type,
    size: ready.bytes.length,
    width: ready.width,
    height: ready.height,
    sha256: sha256Hex(ready.bytes),
    md5: md5Hex(ready.bytes),
    // The shutter of our own camera is now; of a picked picture only the camera that took it knows.
    taken_at: (taking.source === 'gallery' ? ready.taken_at : null) ?? offsetTime(at),
    source: taking.source,
    location: taking.source === 'gallery' ? ready.place : (taking.fix?.place ?? ready.place),
    state: 'draft',
    sentBytes: 0,
    upload: null,
    allSent: false,
    hasBytes: true,
  }
  await withRoom(row.size, () =>
    transaction(['photos', 'bytes'], async (rows) => {
      await rows.objectStore('bytes').put(ready.bytes.buffer, row.id)
      await rows.objectStore('photos').put(row)
    }),
  )
  tell('drafts')
  return row
}

async function made(file: Blob, { longEdge = LONG_EDGE, quality = QUALITY }: Taking): Promise<Ready> {
  const original = new Uint8Array(await file.arrayBuffer())
  const app1 = app1Of(original)
  const facts = factsOf(app1)
  const said: Pick<Ready, 'taken_at' | 'place'> = { taken_at: facts.taken_at, place: placeOf(facts.lat, facts.lng) }
  const picture = await decoded(file)
  if (!picture) return { ...said, ...asItIs(file, original) }
  try {
    const scale = Math.min(1, longEdge / Math.max(picture.width, picture.height))
    const isJpeg = original[0] === 0xff && original[1] === 0xd8
    if (isJpeg && scale === 1 && facts.orientation === 1 && original.length <= SMALL_BYTES) {
      return { ...said, bytes: original, content_type: 'image/jpeg', width: picture.width, height: picture.height }
    }
    const size = { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) }
    const drawn = await jpegOf(picture.image, size, quality)
    const bytes = app1 ? withApp1(drawn, upright(app1)) : drawn
    return { ...said, ...size, bytes, content_type: 'image/jpeg' }
  } finally {
    picture.close()
  }
}

function placeOf(lat: number | null, lng: number | null): Place | null {
  return lat === null || lng === null ? null : { lat, lng, datum: 'wgs84', source: 'exif' }
}

/** What the browser cannot open, the server may: HEIC of an iPhone is sent untouched. */
function asItIs(file: Blob, bytes: Uint8Array<ArrayBuffer>): Omit<Ready, 'taken_at' | 'place'> {
  const told = file.type.toLowerCase() || heicByContent(bytes)
  if (!KEPT_AS_IT_IS.includes(told)) throw new NotAPicture()
  return { bytes, content_type: told as PhotoRow['content_type'], width: 0, height: 0 }
}

function heicByContent(bytes: Uint8Array): string {
  const brand = String.fromCharCode(...bytes.subarray(4, 12))
  return /^ftyp(heic|heix|hevc|mif1|msf1)/.test(brand) ? 'image/heic' : ''
}

interface Decoded {
  image: CanvasImageSource
  width: number
  height: number
  close(): void
}

/** The picture upright, as people see it; null when this browser cannot open it. */
async function decoded(file: Blob): Promise<Decoded | null> {
  if (typeof createImageBitmap === 'function') {
    try {
      const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' })
      return { image: bitmap, width: bitmap.width, height: bitmap.height, close: () => bitmap.close() }
    } catch {
      // Older browsers know the function, but not the option, or not for files.
    }
  }
  return typeof Image === 'function' ? byElement(file) : null
}

function byElement(file: Blob): Promise<Decoded | null> {
  const url = URL.createObjectURL(file)
  const image = new Image()
  return new Promise((resolve) => {
    image.onload = () =>
      resolve({ image, width: image.naturalWidth, height: image.naturalHeight, close: () => URL.revokeObjectURL(url) })
    image.onerror = () => {
      URL.revokeObjectURL(url)
      resolve(null)
    }
    image.src = url
  })
}

async function jpegOf(image: CanvasImageSource, size: { width: number; height: number }, quality: number): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = document.createElement('canvas')
  canvas.width = size.width
  canvas.height = size.height
  const pen = canvas.getContext('2d')
  if (!pen) throw new NotAPicture()
  pen.drawImage(image, 0, 0, size.width, size.height)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality))
  canvas.width = 0 // gives the memory back at once
  if (!blob) throw new NotAPicture()
  return new Uint8Array(await blob.arrayBuffer())
}

/** What a running camera shows at this moment, as a picture file. */
export async function shoot(video: HTMLVideoElement, quality = 0.92): Promise<Blob> {
  const size = { width: video.videoWidth, height: video.videoHeight }
  if (!size.width) throw new NotAPicture()
  return new Blob([await jpegOf(video, size, quality)], { type: 'image/jpeg' })
}

/** Draw the picture with the words of the stamp on it, for the person to see what the server will write. */
export async function drawPreview(canvas: HTMLCanvasElement, picture: Blob, lines: readonly string[], longEdge = 960): Promise<void> {
  const opened = await decoded(picture)
  if (!opened) throw new NotAPicture()
  const scale = Math.min(1, longEdge / Math.max(opened.width, opened.height))
  canvas.width = Math.round(opened.width * scale)
  canvas.height = Math.round(opened.height * scale)
  const pen = canvas.getContext('2d')!
  pen.drawImage(opened.image, 0, 0, canvas.width, canvas.height)
  opened.close()
  drawStamp(pen, lines.filter(Boolean))
}

function drawStamp(pen: CanvasRenderingContext2D, lines: readonly string[]): void {
  const { width, height } = pen.canvas
  const letter = Math.max(12, Math.round(Math.min(width, height) / 28))
  const step = Math.round(letter * 1.4)
  const high = step * lines.length + letter
  pen.fillStyle = 'rgba(0, 0, 0, 0.55)'
  pen.fillRect(0, height - high, width, high)
  pen.fillStyle = '#fff'
  pen.font = `${letter}px sans-serif`
  pen.textBaseline = 'top'
  lines.forEach((line, at) => pen.fillText(line, letter, height - high + letter / 2 + at * step, width - 2 * letter))
}

/** A photo's bytes on this phone; null when they were let go. */
export async function photoBlob(id: string): Promise<Blob | null> {
  const open = await db()
  const [row, bytes] = await Promise.all([open.get('photos', id), open.get('bytes', id)])
  return row && bytes ? new Blob([bytes], { type: row.content_type }) : null
}

/** The photos of a form or record that lie on this phone, in the order they were taken. */
export async function photosOf(recordId: string): Promise<PhotoRow[]> {
  return (await (await db()).getAllFromIndex('photos', 'record', recordId)).sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Leave a photo out of a form that has not been handed in; one that has stays. */
export async function removePhoto(id: string): Promise<void> {
  await transaction(['photos', 'bytes'], async (rows) => {
    if ((await rows.objectStore('photos').get(id))?.state !== 'draft') return
    await Promise.all([rows.objectStore('photos').delete(id), rows.objectStore('bytes').delete(id)])
  })
  tell('drafts')
}
