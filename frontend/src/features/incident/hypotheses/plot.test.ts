import { expect, test } from 'vitest'
import { compact, lineOf } from './plot'

test('a course fills its box from the first to the last time', () => {
  const { path, low, high, x } = lineOf(
    [
      ['2026-01-01T00:00:00Z', 0],
      ['2026-01-01T00:01:00Z', 10],
    ],
    100,
    50,
  )
  expect(path).toBe('M0.0,48.0L100.0,4.0')
  expect([low, high, x(Date.parse('2026-01-01T00:00:30Z'))]).toEqual([0, 10, 50])
})

test('one point or a flat course is no reason to divide by nought', () => {
  expect(lineOf([['2026-01-01T00:00:00Z', 3]], 100, 50).path).toBe('')
  expect(
    lineOf(
      [
        ['2026-01-01T00:00:00Z', 0],
        ['2026-01-01T00:01:00Z', 0],
      ],
      100,
      50,
    ).path,
  ).toBe('M0.0,48.0L100.0,48.0')
})

test('numbers are short', () => {
  expect([compact(12_345, ''), compact(0.5, 's')]).toEqual(['12.3K', '0.5 s'])
})
