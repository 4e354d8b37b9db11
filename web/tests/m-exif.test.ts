import { describe, expect, it } from 'vitest'
import { app1Of, factsOf, upright, withApp1 } from '../m/src/exif'

type Entry = [tag: number, type: number, count: number, value: number | string | [number, number][]]

/** An Exif block as a camera writes it: main entries with orientation, then the Exif and GPS lists, then their texts. */
function madeApp1(isLittle: boolean, orientation: number): Uint8Array {
  const tiff = new Uint8Array(400)
  const view = new DataView(tiff.buffer)
  view.setUint16(0, isLittle ? 0x4949 : 0x4d4d)
  view.setUint16(2, 42, isLittle)
  view.setUint32(4, 8, isLittle)
  let free = 200
  const list = (at: number, entries: Entry[], next: number) => {
    view.setUint16(at, entries.length, isLittle)
    entries.forEach(([tag, type, count, value], n) => {
      const place = at + 2 + n * 12
      view.setUint16(place, tag, isLittle)
      view.setUint16(place + 2, type, isLittle)
      view.setUint32(place + 4, count, isLittle)
      if (typeof value === 'string') {
        const to = count <= 4 ? place + 8 : free
        if (count > 4) view.setUint32(place + 8, free, isLittle)
        Array.from(value).forEach((letter, k) => view.setUint8(to + k, letter.charCodeAt(0)))
        if (count > 4) free += count
      } else if (Array.isArray(value)) {
        view.setUint32(place + 8, free, isLittle)
        value.forEach(([a, b], k) => {
          view.setUint32(free + k * 8, a, isLittle)
          view.setUint32(free + k * 8 + 4, b, isLittle)
        })
        free += value.length * 8
      } else if (type === 3) view.setUint16(place + 8, value, isLittle)
      else view.setUint32(place + 8, value, isLittle)
    })
    view.setUint32(at + 2 + entries.length * 12, next, isLittle)
  }
  list(8, [[0x0112, 3, 1, orientation], [0x8769, 4, 1, 60], [0x8825, 4, 1, 110]], 180)
  list(60, [[0x9003, 2, 20, '2026:03:04 09:30:15\0'], [0x9011, 2, 7, '+08:00\0']], 0)
  list(110, [[1, 2, 2, 'N\0'], [2, 5, 3, [[36, 1], [27, 1], [1692, 100]]], [3, 2, 2, 'E\0'], [4, 5, 3, [[116, 1], [1, 1], [696, 100]]]], 0)
  const block = new Uint8Array(10 + free)
  block.set([0xff, 0xe1, (free + 8) >> 8, (free + 8) & 0xff, 0x45, 0x78, 0x69, 0x66, 0, 0])
  block.set(tiff.subarray(0, free), 10)
  return block
}

const JFIF = [0xff, 0xe0, 0, 4, 1, 1]
const PICTURE = [0xff, 0xda, 0, 2, 9, 9, 9, 0xff, 0xd9]
const jpeg = (...parts: (number[] | Uint8Array)[]) => Uint8Array.from([0xff, 0xd8, ...parts.flatMap((one) => [...one])])

describe.each([true, false])('an Exif block (little end first: %s)', (isLittle) => {
  const block = madeApp1(isLittle, 6)

  it('is found in a picture, wherever it stands', () => {
    expect(app1Of(jpeg(JFIF, block, PICTURE))).toEqual(block)
  })

  it('says how the picture lies, when it was taken, and where', () => {
    const facts = factsOf(block)
    expect(facts).toMatchObject({ orientation: 6, taken_at: '2026-03-04T09:30:15+08:00' })
    expect(facts.lat).toBeCloseTo(36.4547, 4)
    expect(facts.lng).toBeCloseTo(116.0186, 4)
  })

  it('is copied upright into the smaller picture, with place and time as they were', () => {
    const made = withApp1(jpeg(JFIF, PICTURE), upright(block))
    const copied = factsOf(app1Of(made))
    expect(copied).toEqual({ ...factsOf(block), orientation: 1 })
    expect([...made.subarray(0, 4)]).toEqual([0xff, 0xd8, 0xff, 0xe1])
    expect([...made.subarray(made.length - PICTURE.length)]).toEqual(PICTURE)
    expect(factsOf(block).orientation).toBe(6)
  })
})

describe('what is no Exif block', () => {
  it('is nothing: a picture without one, another file, a damaged one', () => {
    expect(app1Of(jpeg(JFIF, PICTURE))).toBeNull()
    expect(app1Of(Uint8Array.from([0x89, 0x50, 0x4e, 0x47]))).toBeNull()
    expect(app1Of(jpeg([0xff, 0xe1, 0xff, 0xff, 1]))).toBeNull()
    const none = { orientation: 1, taken_at: null, lat: null, lng: null }
    expect(factsOf(null)).toEqual(none)
    expect(factsOf(madeApp1(true, 6).slice(0, 80)).lat).toBeNull()
    expect(factsOf(Uint8Array.from({ length: 64 }, (_, n) => n))).toEqual(none)
  })
})
