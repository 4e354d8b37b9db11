// Positions are kept as WGS-84; on a map of another datum they are drawn where that map expects them.
export type Datum = 'wgs84' | 'gcj02' | 'bd09'

const A = 6_378_245 // Krasovsky 1940, which the published shift is computed on
const EE = 0.006_693_421_622_965_943

const isShifted = (lat: number, lng: number): boolean => lat > 0.8293 && lat < 55.8271 && lng > 72.004 && lng < 137.8347

function shift(x: number, y: number): [number, number] {
  const sin = (k: number, v: number): number => Math.sin(k * v * Math.PI)
  const both = (20 * sin(6, x) + 20 * sin(2, x)) * (2 / 3)
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + both + ((20 * sin(1, y) + 40 * sin(1 / 3, y)) * 2) / 3 + ((160 * sin(1 / 12, y) + 320 * sin(1 / 30, y)) * 2) / 3
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + both + ((20 * sin(1, x) + 40 * sin(1 / 3, x)) * 2) / 3 + ((150 * sin(1 / 12, x) + 300 * sin(1 / 30, x)) * 2) / 3
  return [north, east]
}

function gcj02(lat: number, lng: number): [number, number] {
  if (!isShifted(lat, lng)) return [lat, lng]
  const [north, east] = shift(lng - 105, lat - 35)
  const radians = (lat / 180) * Math.PI
  const magic = 1 - EE * Math.sin(radians) ** 2
  return [
    lat + (north * 180) / (((A * (1 - EE)) / (magic * Math.sqrt(magic))) * Math.PI),
    lng + (east * 180) / ((A / Math.sqrt(magic)) * Math.cos(radians) * Math.PI),
  ]
}

/** Where a WGS-84 position is drawn on a map of this datum, degrees. */
export function drawnOn(datum: Datum, lat: number, lng: number): [number, number] {
  if (datum === 'wgs84') return [lat, lng]
  const [a, b] = gcj02(lat, lng)
  if (datum === 'gcj02') return [a, b]
  const z = Math.hypot(a, b) + 0.000_02 * Math.sin((a * Math.PI * 3000) / 180)
  const theta = Math.atan2(a, b) + 0.000_003 * Math.cos((b * Math.PI * 3000) / 180)
  return [z * Math.sin(theta) + 0.006, z * Math.cos(theta) + 0.0065]
}
