/** The number that somebody has typed; null while there is none, as in an empty input. */
export function numberOf(typed: number | string): number | null {
  const number = typed === '' ? Number.NaN : Number(typed)
  return Number.isNaN(number) ? null : number
}
