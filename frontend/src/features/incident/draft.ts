/** What is left of a draft after a save of what it was: null, or what has been typed meanwhile. */
export function leftOf<Draft>(now: Draft | null, saved: Draft | null): Draft | null {
  return JSON.stringify(now) === JSON.stringify(saved) ? null : now
}
