/** A wall clock's time such as "2026-11-22T09:30", as `<input type="datetime-local">` has it. */
export type Wall = string

/** What the clocks of a zone show at a moment, given as ISO 8601. */
export function wallOf(instant: string, zone: string): Wall {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(instant))
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`
}

/**
 * The moment at which the clocks of a zone show a time, as ISO 8601 in UTC. Of a time that comes twice, the first; a
 * time that is left out becomes the one as long after the change.
 */
export function instantOf(wall: Wall, zone: string): string {
  const asUtc = Date.parse(`${wall}Z`)
  const offset = (at: number) => Date.parse(`${wallOf(new Date(at).toISOString(), zone)}Z`) - at
  const DAY = 86_400_000
  const candidates = [offset(asUtc - DAY), offset(asUtc + DAY)].map((before) => asUtc - before)
  const exact = candidates.filter((at) => wallOf(new Date(at).toISOString(), zone) === wall)
  return new Date(exact.length > 0 ? Math.min(...exact) : (candidates[0] ?? asUtc)).toISOString()
}

/** The zones that the browser knows, UTC first. */
export const zones = (): string[] => ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]
