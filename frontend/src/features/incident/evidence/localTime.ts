/** The present as an input of date and time has it: in the viewer's zone, without naming it. */
export function now(at: Date = new Date()): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}

/** What such an input says as a time in UTC; null where it says none. */
export function inZone(local: string): string | null {
  const at = new Date(local)
  return Number.isNaN(at.getTime()) ? null : at.toISOString()
}
