/** A measured course as it is drawn. */
export type Course = { unit: string; values: number[] }

/** The course of an observation, in order of time; null where it has none that can be read. */
export function courseOf(series: Record<string, unknown> | null): Course | null {
  if (!series || !Array.isArray(series.points)) return null
  const points = series.points
    .filter((point): point is [string, number] => Array.isArray(point) && typeof point[1] === 'number')
    .sort(([one], [other]) => Date.parse(one) - Date.parse(other))
  if (points.length === 0) return null
  return { unit: typeof series.unit === 'string' ? series.unit : '', values: points.map(([, value]) => value) }
}
