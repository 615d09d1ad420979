import { expect, test } from 'vitest'
import { dayName, dollars, lasting, percent, spent } from './numbers'

test('small sums keep the digits that say something', () => {
  expect([0, 0.0042, 0.5, 12.3456, 1234.5].map(dollars)).toEqual(['$0.00', '$0.0042', '$0.50', '$12.35', '$1,234.50'])
})

test('what is not known is a dash, not a zero', () => {
  expect([percent(null), lasting(null), percent(0), lasting(0)]).toEqual(['–', '–', '0%', '0ms'])
})

test('a day keeps its name in every zone', () => {
  expect(dayName('2026-10-03')).toBe('3 Oct')
})

test.each([
  [49, 'calm'],
  [50, 'half'],
  [80, 'near'],
  [100, 'over'],
  [120, 'over'],
])('%i of 100 dollars is %s', (used, level) => {
  expect(spent(used, 100).level).toBe(level)
})

test('a budget of nothing is used up', () => {
  expect(spent(0, 0)).toEqual({ share: 1, level: 'over' })
})
