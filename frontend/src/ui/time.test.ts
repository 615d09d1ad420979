import { expect, it } from 'vitest'
import { duration, exactTime, relativeTime } from './time'

const NOW = Date.parse('2026-11-22T12:00:00Z')

it.each([
  [-20, 'just now'],
  [-90, '1m ago'],
  [-7_300, '2h ago'],
  [-90_000, '1d ago'],
  [7_300, 'in 2h'],
])('is %i seconds from now: %s', (seconds, words) => {
  expect(relativeTime(NOW + seconds * 1000, NOW, 'just now').replaceAll('.', '')).toBe(words)
})

it('tells the exact time with its zone', () => {
  expect(exactTime(NOW, 'Europe/Berlin')).toMatch(/^22 Nov 2026,? (at )?13:00:00 (CET|GMT\+1)$/)
})

it.each([
  [0.25, '250ms'],
  [1.25, '1.3s'],
  [59.2, '59s'],
  [65, '1m 05s'],
  [3_900, '1h 05m'],
  [200_000, '2d 7h'],
])('a length of %d s is %s', (seconds, words) => {
  expect(duration(seconds)).toBe(words)
})
