import { eventsOf, type LiveEvent } from './events'
import { Sequence } from './sequence'

/** Events after a `seq`, oldest first, and whether there are more. */
export type Missed = { events: LiveEvent[]; more: boolean }

type Sources = {
  missed: (after: number) => Promise<Missed>
  onEvent: (event: LiveEvent) => void
  /** So much was missed that everything is to be read anew. */
  onFlood: () => void
}

const MOST_PAGES = 5
const PATIENCE = 400 // milliseconds in which events that overtook each other fall into place

/** Turns messages, which may be lost, repeated or out of order, into every event once and in order. */
export class Feed {
  private readonly sequence = new Sequence()
  private readonly early = new Map<number, LiveEvent>()
  private filling: Promise<void> | null = null

  constructor(
    private readonly sources: Sources,
    private readonly patience = PATIENCE,
  ) {}

  /** Takes a message as it came in. */
  take(message: unknown): void {
    for (const event of eventsOf(message)) this.accept(event)
  }

  /** Reads what may have been missed while there was no connection. */
  async catchUp(): Promise<void> {
    if (this.sequence.last === null) return
    this.filling ??= this.fill().finally(() => {
      this.filling = null
    })
    await this.filling
  }

  /** Forgets all, as for another project. */
  reset(): void {
    this.sequence.reset()
    this.early.clear()
  }

  private accept(event: LiveEvent): void {
    const verdict = this.sequence.judge(event.seq)
    if (verdict === 'old') return
    if (verdict === 'gap') {
      this.early.set(event.seq, event)
      setTimeout(() => this.early.size > 0 && this.catchUp().catch(() => this.sources.onFlood()), this.patience)
      return
    }
    this.sequence.advance(event.seq)
    this.sources.onEvent(event)
    const following = this.early.get(event.seq + 1)
    if (following) {
      this.early.delete(following.seq)
      this.accept(following)
    }
  }

  private async fill(): Promise<void> {
    for (let page = 0; page < MOST_PAGES; page++) {
      const { events, more } = await this.sources.missed(this.sequence.last ?? 0)
      for (const event of events) this.accept(event)
      if (!more) return this.settle()
    }
    this.skip()
  }

  /** What the log does not have cannot be waited for. */
  private settle(): void {
    const first = Math.min(...this.early.keys())
    if (!Number.isFinite(first)) return
    const event = this.early.get(first)
    this.early.delete(first)
    if (event && this.sequence.judge(first) !== 'old') {
      this.sequence.advance(first - 1)
      this.accept(event)
    }
    this.settle()
  }

  private skip(): void {
    for (const seq of this.early.keys()) this.sequence.advance(seq)
    this.early.clear()
    this.sources.onFlood()
  }
}
