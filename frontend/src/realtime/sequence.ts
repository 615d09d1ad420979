/** What to make of an event's `seq`: `next` is new, `old` has been seen, `gap` says that some before it are missing. */
export type Verdict = 'next' | 'old' | 'gap'

/** How far a project's events have been seen. Numbers are taken in order and never skipped. */
export class Sequence {
  private seen: number | null = null

  /** The last number seen without a gap; null before the first. */
  get last(): number | null {
    return this.seen
  }

  judge(seq: number): Verdict {
    if (this.seen === null || seq === this.seen + 1) return 'next'
    return seq <= this.seen ? 'old' : 'gap'
  }

  /** Remembers that everything up to `seq` has been seen. */
  advance(seq: number): void {
    if (this.seen === null || seq > this.seen) this.seen = seq
  }

  /** Forgets all, as for another project. */
  reset(): void {
    this.seen = null
  }
}
