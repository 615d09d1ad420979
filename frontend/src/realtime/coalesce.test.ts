import { beforeEach, expect, it, vi } from 'vitest'
import { Coalescer } from './coalesce'

beforeEach(() => void vi.useFakeTimers())

it('runs at once, and once more at the end of the interval for all calls in between', () => {
  const job = vi.fn()
  const coalescer = new Coalescer(1_000)
  for (let call = 0; call < 5; call++) coalescer.run('list', job)
  expect(job).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(1_000)
  expect(job).toHaveBeenCalledTimes(2)
  vi.advanceTimersByTime(5_000)
  expect(job).toHaveBeenCalledTimes(2)
})

it('never runs twice within an interval, however long the stream', () => {
  const at: number[] = []
  const coalescer = new Coalescer(1_000)
  for (let tick = 0; tick < 50; tick++) {
    coalescer.run('list', () => at.push(Date.now()))
    vi.advanceTimersByTime(100)
  }
  const pauses = at.slice(1).map((time, index) => time - (at[index] ?? 0))
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1_000)
})

it('holds up one key for no other', () => {
  const job = vi.fn()
  const coalescer = new Coalescer(1_000)
  coalescer.run('one', job)
  coalescer.run('other', job)
  expect(job).toHaveBeenCalledTimes(2)
})
