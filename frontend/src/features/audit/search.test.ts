import { expect, test } from 'vitest'
import { filtersOf, isNarrowed, searchOf } from './search'

test('what an address cannot mean is left out of it', () => {
  const given = { tab: 'x', kind: 'calls', outcome: 'great', person: 'me', action: 'DROP TABLE', from: 'soon', q: '  ' }
  expect(searchOf(given)).toEqual({ kind: 'calls' })
})

test('an end before the beginning is no end', () => {
  expect(searchOf({ from: '2026-10-02', to: '2026-10-01' })).toEqual({ from: '2026-10-02' })
})

test('the last day is asked for as a whole', () => {
  const { from, to } = filtersOf({ from: '2026-10-01', to: '2026-10-01' })
  expect(Date.parse(to ?? '') - Date.parse(from ?? '')).toBe(86_400_000)
})

test('tabs and kinds narrow nothing', () => {
  expect(isNarrowed({ tab: 'stats', kind: 'calls' })).toBe(false)
  expect(isNarrowed({ q: 'checkout' })).toBe(true)
})
