import { expect, test } from 'vitest'
import { courseOf } from './course'

test('points are drawn in order of time', () => {
  const points = [
    ['2026-11-22T10:01:00Z', 2],
    ['2026-11-22T10:00:00Z', 1],
  ]
  expect(courseOf({ unit: 'ms', points })).toEqual({ unit: 'ms', values: [1, 2] })
})

test.each([null, {}, { points: 'none' }, { points: [] }, { points: [['2026-11-22T10:00:00Z', 'high']] }])(
  'of %j there is nothing to draw',
  (series) => {
    expect(courseOf(series)).toBeNull()
  },
)
