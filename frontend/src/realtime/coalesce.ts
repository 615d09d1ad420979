/**
 * Runs `job` at once, and again after a pause if it was called since, for each key by itself. `pauses` in milliseconds: the
 * first after the first run, and so on; the last as long as calls keep coming. A pause without a call begins anew.
 */
export class Coalescer {
  private readonly waiting = new Map<string, { again: boolean }>()

  constructor(private readonly pauses: readonly [number, ...number[]]) {}

  run(key: string, job: () => void): void {
    const held = this.waiting.get(key)
    if (held) held.again = true
    else this.start(key, job, 0)
  }

  private start(key: string, job: () => void, before: number): void {
    const state = { again: false }
    this.waiting.set(key, state)
    const pause = this.pauses[Math.min(before, this.pauses.length - 1)]
    setTimeout(() => {
      this.waiting.delete(key)
      if (state.again) this.start(key, job, before + 1)
    }, pause)
    job()
  }
}
