/** Runs `job` at most once every `interval` milliseconds for each key: at once, and again at the end if called since. */
export class Coalescer {
  private readonly waiting = new Map<string, { again: boolean }>()

  constructor(private readonly interval: number) {}

  run(key: string, job: () => void): void {
    const held = this.waiting.get(key)
    if (held) {
      held.again = true
      return
    }
    const state = { again: false }
    this.waiting.set(key, state)
    setTimeout(() => {
      this.waiting.delete(key)
      if (state.again) this.run(key, job)
    }, this.interval)
    job()
  }
}
