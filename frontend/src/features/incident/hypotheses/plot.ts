/** A pair of a time and a number; the types of the client know no pairs. */
type Point = readonly (string | number)[]

export type Series = { unit: string; points: readonly Point[] }

type Line = {
  path: string
  low: number
  high: number
  /** Where a time in milliseconds is. */
  x: (at: number) => number
  /** Milliseconds. */
  first: number
  last: number
}

/** The line of a course in a box of this size; the lower edge is nought where no number is below it. */
export function lineOf(points: readonly Point[], width: number, height: number): Line {
  const known = points.map(([at, value]) => [Date.parse(String(at)), Number(value)] as const)
  const times = known.map(([at]) => at)
  const values = known.map(([, value]) => value)
  const [first, last] = [Math.min(...times), Math.max(...times)]
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const floor = Math.min(0, low)
  const span = high - floor || 1
  const x = (at: number) => ((at - first) / (last - first || 1)) * width
  const y = (value: number) => height - 2 - ((value - floor) / span) * (height - 6)
  const path = known
    .map(([at, value], index) => `${index ? 'L' : 'M'}${x(at).toFixed(1)},${y(value).toFixed(1)}`)
    .join('')
  return { path: known.length > 1 ? path : '', low, high, x, first, last }
}

/** A number in few characters, with its unit. */
export function compact(value: number, unit: string): string {
  const number = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }).format(value)
  return unit ? `${number} ${unit}` : number
}
