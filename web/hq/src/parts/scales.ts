// Scales of a drawing: round steps a person can read, and where a value lies.
const STEPS = [1, 2, 2.5, 5, 10]

/** Round values from nought up to at least `most`, about `count` of them; whole ones, as records are. */
export function ticks(most: number, count: number): number[] {
  const rough = Math.max(most, 1) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = Math.max(1, Math.ceil((STEPS.find((one) => one * power >= rough) ?? 10) * power))
  const found = [0]
  while (found[found.length - 1]! < most) found.push(found[found.length - 1]! + step)
  if (found.length === 1) found.push(step)
  return found
}

/** The points of a line, broken nowhere; those without a value are left out. */
export function path(values: (number | null)[], x: (index: number) => number, y: (value: number) => number): string {
  return values.map((value, at) => (value == null ? '' : `${x(at).toFixed(1)},${y(value).toFixed(1)}`)).filter(Boolean).join(' ')
}
