import { expect, test } from 'vitest'
import { daysOf, rangeOf, searchOf } from './search'

test('what an address cannot mean is left out of it', () => {
  expect(
    searchOf({ tab: 'nonsense', period: '2w', severity: ['high', 'awful'], person: 'me', project: 'all', service: 7 }),
  ).toEqual({
    severity: ['high'],
  })
})

test('days that are given count before a period', () => {
  const given = { period: '7d', from: '2026-10-01', to: '2026-10-31' }
  expect(searchOf(given)).toEqual({ from: '2026-10-01', to: '2026-10-31' })
})

test.each([{ from: '2026-10-31', to: '2026-10-01' }, { from: '2026-13-01', to: '2026-13-02' }, { from: '2026-10-01' }])(
  'days that are none leave the default: %o',
  (given) => {
    expect(searchOf(given)).toEqual({})
  },
)

test('the last of the days is in the range', () => {
  const { from, to } = rangeOf({ from: '2026-10-01', to: '2026-10-01' }, new Date())
  expect(Date.parse(to ?? '') - Date.parse(from)).toBe(86_400_000)
})

test('a period is of whole days, today included, so that it stays the same for a day', () => {
  const morning = rangeOf({ period: '7d' }, new Date('2026-10-08T08:00:00'))
  const evening = rangeOf({ period: '7d' }, new Date('2026-10-08T20:00:00'))
  expect(morning).toEqual(evening)
  expect(new Date(morning.from).getDate()).toBe(2)
  expect(daysOf({})).toBe(30)
})
