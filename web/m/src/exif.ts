// A picture that is drawn smaller loses what the camera wrote about it. The block (APP1) is copied over as it is, but for
// the orientation: the smaller picture stands upright.
const EXIF = [0x45, 0x78, 0x69, 0x66, 0, 0]
const HEAD = 10 // marker, length, "Exif\0\0"
const ORIENTATION = 0x0112
const EXIF_IFD = 0x8769
const GPS_IFD = 0x8825
const TAKEN = 0x9003
const TAKEN_OFFSET = 0x9011
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8]

/** What the camera says of a picture. */
export interface ExifFacts {
  orientation: number
  /** With its offset; that of the office where the camera names none. */
  taken_at: string | null
  lat: number | null
  lng: number | null
}

/** The Exif block of a JPEG with its marker; null when there is none. */
export function app1Of(jpeg: Uint8Array): Uint8Array | null {
  if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) return null
  let at = 2
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff) {
    const marker = jpeg[at + 1]!
    if (marker === 0xda) return null // the picture itself begins
    const length = (jpeg[at + 2]! << 8) | jpeg[at + 3]!
    const end = at + 2 + length
    if (length < 2 || end > jpeg.length) return null
    if (marker === 0xe1 && EXIF.every((byte, n) => jpeg[at + 4 + n] === byte)) return jpeg.slice(at, end)
    at = end
  }
  return null
}

/** The JPEG with this block first, as Exif wants it. */
export function withApp1(jpeg: Uint8Array, app1: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(jpeg.length + app1.length)
  joined.set(jpeg.subarray(0, 2))
  joined.set(app1, 2)
  joined.set(jpeg.subarray(2), 2 + app1.length)
  return joined
}

/** A copy of the block in which the picture stands upright, without the small preview that does not. */
export function upright(app1: Uint8Array): Uint8Array {
  const copy = app1.slice()
  const tiff = tiffOf(copy)
  if (!tiff) return copy
  const entries = tiff.entries(tiff.first)
  const turned = entries.get(ORIENTATION)
  if (turned !== undefined) tiff.view.setUint16(turned + 8, 1, tiff.isLittle)
  const next = tiff.first + 2 + entries.size * 12
  if (next + 4 <= tiff.view.byteLength) tiff.view.setUint32(next, 0, tiff.isLittle)
  return copy
}

/** What the block says; nothing of a damaged block. */
export function factsOf(app1: Uint8Array | null): ExifFacts {
  const none: ExifFacts = { orientation: 1, taken_at: null, lat: null, lng: null }
  const tiff = app1 && tiffOf(app1)
  if (!tiff) return none
  try {
    return read(tiff)
  } catch {
    return none // an offset beyond the block's end
  }
}

function read(tiff: Tiff): ExifFacts {
  const first = tiff.entries(tiff.first)
  const turned = first.get(ORIENTATION)
  const exif = tiff.under(first.get(EXIF_IFD))
  const gps = tiff.under(first.get(GPS_IFD))
  return {
    orientation: turned === undefined ? 1 : tiff.view.getUint16(turned + 8, tiff.isLittle),
    taken_at: takenAt(tiff.text(exif.get(TAKEN)), tiff.text(exif.get(TAKEN_OFFSET))),
    lat: degrees(tiff, gps.get(2), tiff.text(gps.get(1))),
    lng: degrees(tiff, gps.get(4), tiff.text(gps.get(3))),
  }
}

function takenAt(text: string, offset: string): string | null {
  const found = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)/.exec(text)
  if (!found) return null
  const at = `${found[1]}-${found[2]}-${found[3]}T${found[4]}${/^[+-]\d\d:\d\d$/.test(offset) ? offset : '+08:00'}`
  return Number.isNaN(Date.parse(at)) ? null : at
}

function degrees(tiff: Tiff, entry: number | undefined, side: string): number | null {
  if (entry === undefined || tiff.view.getUint32(entry + 4, tiff.isLittle) !== 3) return null
  const at = tiff.view.getUint32(entry + 8, tiff.isLittle)
  const [whole, minutes, seconds] = [0, 8, 16].map((n) => {
    const under = tiff.view.getUint32(at + n + 4, tiff.isLittle)
    return under ? tiff.view.getUint32(at + n, tiff.isLittle) / under : 0
  }) as [number, number, number]
  const value = whole + minutes / 60 + seconds / 3600
  if (value === 0 || value > 180) return null
  return side === 'S' || side === 'W' ? -value : value
}

interface Tiff {
  view: DataView
  isLittle: boolean
  first: number
  /** Where each tag's entry stands. */
  entries(at: number): Map<number, number>
  under(entry: number | undefined): Map<number, number>
  text(entry: number | undefined): string
}

function tiffOf(app1: Uint8Array): Tiff | null {
  if (app1.length < HEAD + 8) return null
  const view = new DataView(app1.buffer, app1.byteOffset + HEAD, app1.length - HEAD)
  const isLittle = view.getUint16(0) === 0x4949
  if ((!isLittle && view.getUint16(0) !== 0x4d4d) || view.getUint16(2, isLittle) !== 42) return null
  const tiff: Tiff = {
    view,
    isLittle,
    first: view.getUint32(4, isLittle),
    entries(at) {
      const found = new Map<number, number>()
      if (at + 2 > view.byteLength) return found
      const many = view.getUint16(at, isLittle)
      for (let n = 0; n < many && at + 14 + n * 12 <= view.byteLength; n += 1) {
        found.set(view.getUint16(at + 2 + n * 12, isLittle), at + 2 + n * 12)
      }
      return found
    },
    under: (entry) => (entry === undefined ? new Map() : tiff.entries(view.getUint32(entry + 8, isLittle))),
    text(entry) {
      if (entry === undefined) return ''
      const bytes = view.getUint32(entry + 4, isLittle) * (TYPE_BYTES[view.getUint16(entry + 2, isLittle)] ?? 1)
      const at = bytes <= 4 ? entry + 8 : view.getUint32(entry + 8, isLittle)
      return Array.from({ length: bytes }, (_, n) => String.fromCharCode(view.getUint8(at + n))).join('').replace(/\0.*$/, '')
    },
  }
  return tiff
}
