// The server draws the same positions; these are its own answers.
import { describe, expect, it } from 'vitest'
import { drawnOn } from '../shared/coords'

const SPOTS: [number, number, [number, number], [number, number]][] = [
  [36.457, 115.985, [36.457086629667174, 115.99067917116736], [36.462786064524266, 115.99725410362664]],
  [39.909, 116.397, [39.91040339728811, 116.40324350604497], [39.916744221722645, 116.40961569346796]],
  [22.543, 114.058, [22.540282983299978, 114.06311410864392], [22.545942003965568, 114.06966398737067]],
]

describe('a position on a map of another datum', () => {
  it.each(SPOTS)('lies where the server says, %f %f', (lat, lng, gcj, bd) => {
    drawnOn('gcj02', lat, lng).forEach((one, at) => expect(one).toBeCloseTo(gcj[at]!, 9))
    drawnOn('bd09', lat, lng).forEach((one, at) => expect(one).toBeCloseTo(bd[at]!, 9))
  })

  it('stays where it is on WGS-84, and outside China', () => {
    expect(drawnOn('wgs84', 36.457, 115.985)).toEqual([36.457, 115.985])
    expect(drawnOn('gcj02', 51.5, -0.12)).toEqual([51.5, -0.12])
  })
})
