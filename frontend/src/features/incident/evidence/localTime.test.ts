import { expect, test } from 'vitest'
import { inZone, now } from './localTime'

test('a time survives the input, to the second', () => {
  const at = new Date('2026-11-22T10:00:30.400Z')
  expect(inZone(now(at))).toBe('2026-11-22T10:00:30.000Z')
})

test('an empty input says no time', () => {
  expect(inZone('')).toBeNull()
})
