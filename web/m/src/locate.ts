// Where the phone is: asked at the shutter or on handing in, never demanded, and never more than the browser says.
import type { Fix, NoFix, Place, SiteRow } from './model'

const TIMEOUT_MS = 8_000
const EARTH_M = 6_371_008.8

/**
 * The position, or why there is none; never refuses, and never waits longer than its timeout.
 *
 * Asked for anew, unless the browser's own of the last `maxAgeMs` will do: what the phone sorts by is not a record's.
 */
export async function locate(timeoutMs = TIMEOUT_MS, maxAgeMs = 0): Promise<Fix> {
  if (!self.isSecureContext) return noFix('insecure')
  if (!('geolocation' in navigator)) return noFix('unsupported')
  return new Promise((resolve) => {
    // Some browsers count no time while the person has not answered the question.
    const patience = setTimeout(() => resolve(noFix('timeout')), timeoutMs + 2_000)
    const answered = (fix: Fix) => {
      clearTimeout(patience)
      resolve(fix)
    }
    navigator.geolocation.getCurrentPosition(
      (position) => answered(fixOf(position)),
      (error) => answered(noFix(REASONS[error.code] ?? 'unavailable')),
      { enableHighAccuracy: true, timeout: timeoutMs, maximumAge: maxAgeMs },
    )
  })
}

const REASONS: Record<number, NoFix> = { 1: 'denied', 2: 'unavailable', 3: 'timeout' }

function noFix(none: NoFix): Fix {
  return { place: null, at: new Date().toISOString(), none }
}

function fixOf({ coords, timestamp }: GeolocationPosition): Fix {
  return {
    place: {
      lat: round(coords.latitude, 7),
      lng: round(coords.longitude, 7),
      datum: 'wgs84',
      accuracy_m: round(coords.accuracy, 1),
      // Browsers do not say by what they found it; a height comes from satellites alone.
      source: coords.altitude === null ? 'network' : 'gps',
      fix_age_ms: Math.min(Math.max(0, Math.round(Date.now() - timestamp)), 2 ** 31 - 1),
    },
    at: new Date().toISOString(),
    none: null,
  }
}

function round(value: number, places: number): number {
  return Number(value.toFixed(places))
}

export interface Point {
  lat: number
  lng: number
}

/** Metres on the ground between two points of one datum. */
export function metresBetween(a: Point, b: Point): number {
  const rad = Math.PI / 180
  const dLat = ((b.lat - a.lat) * rad) / 2
  const dLng = ((b.lng - a.lng) * rad) / 2
  const h = Math.sin(dLat) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(dLng) ** 2
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** How far from a site's centre, and whether inside its fence; for the person to see, the server decides by itself. */
export function fromSite(site: SiteRow, place: Place): { metres: number; isInside: boolean } | null {
  const { fence } = site
  const point = fence.datum === place.datum ? place : place.datum === 'wgs84' ? inDatum(place, fence.datum) : null
  if (!point) return null
  if (fence.corners?.length) {
    const centre = { lat: mean(fence.corners.map((one) => one.lat)), lng: mean(fence.corners.map((one) => one.lng)) }
    return { metres: metresBetween(point, centre), isInside: isWithin(point, fence.corners) }
  }
  if (!fence.centre) return null
  const metres = metresBetween(point, fence.centre)
  return { metres, isInside: metres <= (fence.radius_m ?? 0) }
}

const mean = (all: number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length

function isWithin(point: Point, corners: readonly Point[]): boolean {
  let inside = false
  corners.forEach((a, at) => {
    const b = corners[(at + corners.length - 1) % corners.length]!
    const crosses = a.lat > point.lat !== b.lat > point.lat
    if (crosses && point.lng < ((b.lng - a.lng) * (point.lat - a.lat)) / (b.lat - a.lat) + a.lng) inside = !inside
  })
  return inside
}

/** WGS 84 as Chinese maps draw it: some 500 m aside at Liaocheng, more than any fence is wide. */
function inDatum(point: Point, datum: string): Point | null {
  if (datum === 'gcj02') return gcj02(point)
  if (datum !== 'bd09') return null
  const { lat, lng } = gcj02(point)
  const z = Math.hypot(lng, lat) + 0.00002 * Math.sin((lat * Math.PI * 3000) / 180)
  const theta = Math.atan2(lat, lng) + 0.000003 * Math.cos((lng * Math.PI * 3000) / 180)
  return { lat: z * Math.sin(theta) + 0.006, lng: z * Math.cos(theta) + 0.0065 }
}

const AXIS = 6_378_245
const FLATTENING = 0.00669342162296594323

function gcj02({ lat, lng }: Point): Point {
  const [x, y, pi] = [lng - 105, lat - 35, Math.PI]
  const wave = (20 * Math.sin(6 * x * pi) + 20 * Math.sin(2 * x * pi)) * (2 / 3)
  const north =
    -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + wave +
    ((20 * Math.sin(y * pi) + 40 * Math.sin((y / 3) * pi)) * 2) / 3 +
    ((160 * Math.sin((y / 12) * pi) + 320 * Math.sin((y * pi) / 30)) * 2) / 3
  const east =
    300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + wave +
    ((20 * Math.sin(x * pi) + 40 * Math.sin((x / 3) * pi)) * 2) / 3 +
    ((150 * Math.sin((x / 12) * pi) + 300 * Math.sin((x / 30) * pi)) * 2) / 3
  const phi = (lat / 180) * pi
  const magic = 1 - FLATTENING * Math.sin(phi) ** 2
  return {
    lat: lat + (north * 180) / (((AXIS * (1 - FLATTENING)) / (magic * Math.sqrt(magic))) * pi),
    lng: lng + (east * 180) / ((AXIS / Math.sqrt(magic)) * Math.cos(phi) * pi),
  }
}
