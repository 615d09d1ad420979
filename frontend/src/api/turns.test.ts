import { expect, it } from 'vitest'
import { Turns } from './turns'

it.each([
  ['as long as the answer says', 4, 4_000],
  ['a second where it does not say', null, 1_000],
  ['not at all where that would be long', 16, null],
])('waits %s', (_, retryAfter, wait) => {
  expect(new Turns().take(retryAfter, 50_000)).toBe(wait)
})

it('lets one go after another', () => {
  const turns = new Turns()
  const waits = [1, 2, 3].map(() => turns.take(1, 50_000))
  expect(waits).toEqual([1_000, 1_600, 2_200])
})

it('lets nobody wait at the end of a long line', () => {
  const turns = new Turns()
  const waits = Array.from({ length: 40 }, () => turns.take(1, 50_000))
  expect(waits.filter((wait) => wait !== null)).toHaveLength(24)
  expect(turns.take(1, 80_000)).toBe(1_000)
})
