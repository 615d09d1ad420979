const MOST = 15_000 // milliseconds that somebody waits for an answer
const USUAL = 1_000 // milliseconds where the answer names no time
const APART = 600 // milliseconds in which the API grants about one more request

/** When requests that were refused as too many go again: one after another, for together they would be too many again. */
export class Turns {
  private last = 0

  /** Milliseconds to wait at `now`, also in milliseconds; null where that is longer than anybody waits. */
  take(retryAfter: number | null, now: number): number | null {
    const pause = retryAfter === null ? USUAL : retryAfter * 1_000
    const at = Math.max(now + pause, this.last + APART)
    if (at - now > MOST) return null
    this.last = at
    return at - now
  }
}
