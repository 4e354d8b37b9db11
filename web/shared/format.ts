// Days and times are those of the office (Asia/Shanghai), wherever the browser thinks it is.
const ZONE = 'Asia/Shanghai'
const OFFSET_MS = 8 * 3_600_000 // no summer time since 1991

const pad = (n: number): string => String(n).padStart(2, '0')

/** An instant's local date, `2026-11-22`. */
export function localDay(at: Date | string | number = new Date()): string {
  return new Date(new Date(at).getTime() + OFFSET_MS).toISOString().slice(0, 10)
}

/** An instant's local date and minute, `2026-11-22 10:32`. */
export function localMinute(at: Date | string | number): string {
  const moved = new Date(new Date(at).getTime() + OFFSET_MS).toISOString()
  return `${moved.slice(0, 10)} ${moved.slice(11, 16)}`
}

/** An instant with the offset the doors want, to the second: `2026-11-22T10:32:05+08:00`. */
export function offsetTime(at: Date = new Date()): string {
  return `${new Date(at.getTime() + OFFSET_MS).toISOString().slice(0, 19)}+08:00`
}

/** Days from one local date to another; later is positive. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000)
}

const moved = (day: string, by: number): string => new Date(Date.parse(`${day}T00:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10)

/** The local date that follows. */
export function dayAfter(day: string): string {
  return moved(day, 1)
}

/** The local date before. */
export function dayBefore(day: string): string {
  return moved(day, -1)
}

/** A whole number with the thousands apart. */
export function whole(n: number): string {
  return new Intl.NumberFormat('zh-CN', { maximumFractionDigits: 0 }).format(n)
}

/** A date in words of the language: `11月22日`, `22 Nov`. */
export function shortDay(day: string, language: string): string {
  return new Intl.DateTimeFormat(language, { month: language === 'en' ? 'short' : 'numeric', day: 'numeric', timeZone: ZONE }).format(
    new Date(`${day}T12:00:00+08:00`),
  )
}

/** Bytes for people: `3.4 MB`. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`
  if (bytes < 1024 * 1024 * 1024) return `${(bytes / 1024 / 1024).toFixed(1)} MB`
  return `${(bytes / 1024 / 1024 / 1024).toFixed(1)} GB`
}

/** The local wall-clock time now, `10:32`. */
export function clock(at: Date = new Date()): string {
  const moved = new Date(at.getTime() + OFFSET_MS)
  return `${pad(moved.getUTCHours())}:${pad(moved.getUTCMinutes())}`
}
