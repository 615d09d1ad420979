import { beforeEach, expect, it, vi } from 'vitest'
import { hold } from './held'

let job: ReturnType<typeof vi.fn<(leaving: boolean) => void>>
let page: EventTarget

beforeEach(() => {
  vi.useFakeTimers()
  job = vi.fn<(leaving: boolean) => void>()
  page = new EventTarget()
})

it('is done after its time, once', () => {
  const held = hold(job, 5_000, page)
  vi.advanceTimersByTime(4_999)
  expect(job).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  held.flush()
  page.dispatchEvent(new Event('pagehide'))
  expect(job).toHaveBeenCalledTimes(1)
})

it('is never done when it was taken back', () => {
  hold(job, 5_000, page).undo()
  vi.advanceTimersByTime(60_000)
  page.dispatchEvent(new Event('pagehide'))
  expect(job).not.toHaveBeenCalled()
})

it('is done at once when the page goes away', () => {
  hold(job, 5_000, page)
  page.dispatchEvent(new Event('pagehide'))
  expect(job.mock.calls).toEqual([[true]])
})
