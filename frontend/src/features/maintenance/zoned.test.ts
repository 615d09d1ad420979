import { expect, test } from 'vitest'
import { instantOf, wallOf } from './zoned'

test.each([
  ['2026-07-01T07:00:00.000Z', 'Europe/Berlin', '2026-07-01T09:00'],
  ['2026-12-01T08:00:00.000Z', 'Europe/Berlin', '2026-12-01T09:00'],
  ['2026-01-01T00:00:00.000Z', 'UTC', '2026-01-01T00:00'],
  ['2026-01-01T00:00:00.000Z', 'Asia/Kolkata', '2026-01-01T05:30'],
  ['2026-01-01T00:00:00.000Z', 'America/New_York', '2025-12-31T19:00'],
])('%s in %s is %s, and back', (instant, zone, wall) => {
  expect(wallOf(instant, zone)).toBe(wall)
  expect(instantOf(wall, zone)).toBe(instant)
})

test('a time that comes twice is the first', () => {
  expect(instantOf('2026-10-25T02:30', 'Europe/Berlin')).toBe('2026-10-25T00:30:00.000Z')
})

test('a time that is left out is as long after the change', () => {
  expect(instantOf('2026-03-29T02:30', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z')
})
