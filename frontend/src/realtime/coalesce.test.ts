import { beforeEach, expect, it, vi } from 'vitest'
import { Coalescer } from './coalesce'

beforeEach(() => void vi.useFakeTimers())

/** When a job ran, in milliseconds since the first of calls that come every 100 ms for `seconds`. */
function runsOf(coalescer: Coalescer, seconds: number): number[] {
  const began = Date.now()
  const at: number[] = []
  for (let tick = 0; tick < seconds * 10; tick++) {
    coalescer.run('list', () => at.push(Date.now() - began))
    vi.advanceTimersByTime(100)
  }
  return at
}

it('runs at once, and once more after the first pause for all calls in between', () => {
  const job = vi.fn()
  const coalescer = new Coalescer([1_000, 5_000])
  for (let call = 0; call < 5; call++) coalescer.run('list', job)
  expect(job).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(1_000)
  expect(job).toHaveBeenCalledTimes(2)
  vi.advanceTimersByTime(20_000)
  expect(job).toHaveBeenCalledTimes(2)
})

it('takes longer pauses while calls keep coming', () => {
  expect(runsOf(new Coalescer([1_000, 5_000]), 20)).toEqual([0, 1_000, 6_000, 11_000, 16_000])
})

it('runs at once again after a pause in which nobody called', () => {
  const coalescer = new Coalescer([1_000, 5_000])
  runsOf(coalescer, 4)
  vi.advanceTimersByTime(10_000)
  expect(runsOf(coalescer, 3)).toEqual([0, 1_000])
})

it('leaves a person who looks at three pages most of their calls in a minute of events', () => {
  const pages = 3
  expect(runsOf(new Coalescer([1_000, 5_000]), 60).length * pages).toBeLessThan(50)
})

it('holds up one key for no other', () => {
  const job = vi.fn()
  const coalescer = new Coalescer([1_000])
  coalescer.run('one', job)
  coalescer.run('other', job)
  expect(job).toHaveBeenCalledTimes(2)
})
