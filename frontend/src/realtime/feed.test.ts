import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { LiveEvent } from './events'
import { Feed, type Missed } from './feed'

const event = (seq: number): LiveEvent => ({ id: `e${seq}`, seq, type: 'incident.updated', data: {} })
const PATIENCE = 400

describe('a feed', () => {
  let seen: number[]
  let floods: number
  let log: LiveEvent[]
  let reads: number[]
  let feed: Feed

  beforeEach(() => {
    vi.useFakeTimers()
    seen = []
    floods = 0
    log = []
    reads = []
    const missed = async (after: number): Promise<Missed> => {
      reads.push(after)
      const rest = log.filter(({ seq }) => seq > after)
      return { events: rest.slice(0, 2), more: rest.length > 2 }
    }
    feed = new Feed({ missed, onEvent: ({ seq }) => seen.push(seq), onFlood: () => floods++ }, PATIENCE)
  })

  const patience = () => vi.advanceTimersByTimeAsync(PATIENCE)

  it('tells events as they come, also those that travel together', () => {
    feed.take(event(7))
    feed.take({ type: 'batch', events: [event(8), event(9)] })
    expect(seen).toEqual([7, 8, 9])
  })

  it('tells an event once, however often it comes', () => {
    for (const seq of [1, 2, 2, 1, 3]) feed.take(event(seq))
    expect(seen).toEqual([1, 2, 3])
  })

  it('puts events that overtook each other in order and asks nobody', async () => {
    for (const seq of [1, 4, 3, 2]) feed.take(event(seq))
    await patience()
    expect(seen).toEqual([1, 2, 3, 4])
    expect(reads).toEqual([])
  })

  it('reads what is missing, page by page', async () => {
    log = [1, 2, 3, 4, 5, 6].map(event)
    feed.take(event(1))
    feed.take(event(6))
    await patience()
    expect(seen).toEqual([1, 2, 3, 4, 5, 6])
    expect(reads).toEqual([1, 3, 6])
    expect(floods).toBe(0)
  })

  it('goes on where the log has nothing for a gap', async () => {
    feed.take(event(1))
    feed.take(event(5))
    feed.take(event(7))
    await patience()
    expect(seen).toEqual([1, 5, 7])
  })

  it('reads what was missed during an interruption', async () => {
    feed.take(event(1))
    log = [1, 2, 3].map(event)
    await feed.catchUp()
    expect(seen).toEqual([1, 2, 3])
  })

  it('has nothing to catch up with before the first event', async () => {
    await feed.catchUp()
    expect(reads).toEqual([])
  })

  it('says so when so much was missed that reading all anew is cheaper', async () => {
    feed.take(event(1))
    log = Array.from({ length: 40 }, (_, index) => event(index + 1))
    feed.take(event(40))
    await patience()
    expect(floods).toBe(1)
    feed.take(event(41))
    expect(seen.at(-1)).toBe(41)
  })

  it('says so when the log cannot be read', async () => {
    const failing = new Feed(
      { missed: () => Promise.reject(new Error('away')), onEvent: () => {}, onFlood: () => floods++ },
      PATIENCE,
    )
    failing.take(event(1))
    failing.take(event(3))
    await patience()
    expect(floods).toBe(1)
  })

  it.each([null, 'text', 3, {}, { type: 'hello' }])('takes %j for no event', (message) => {
    feed.take(message)
    expect(seen).toEqual([])
  })
})
