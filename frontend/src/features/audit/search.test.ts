import { expect, test } from 'vitest'
import { filtersOf, isNarrowed, searchOf, typedFilter } from './search'

test('what an address cannot mean is left out of it', () => {
  const given = { tab: 'x', kind: 'calls', outcome: 'great', person: 'me', action: 'DROP TABLE', from: 'soon', q: '  ' }
  expect(searchOf(given)).toEqual({ kind: 'calls' })
})

test('an outcome filters calls alone', () => {
  expect(searchOf({ kind: 'calls', outcome: 'refused' })).toEqual({ kind: 'calls', outcome: 'refused' })
  expect(searchOf({ kind: 'all', outcome: 'refused' })).toEqual({ kind: 'all' })
  expect(searchOf({ outcome: 'refused' })).toEqual({})
})

test.each([
  ['action', ' incident.updated ', 'incident.updated'],
  ['action', 'Incident updated', undefined],
  ['action', '', undefined],
  ['resource', '0198f0a1-0000-7000-8000-000000000001', '0198f0a1-0000-7000-8000-000000000001'],
  ['resource', 'INC-12', undefined],
  ['q', ' checkout ', 'checkout'],
] as const)('for %s, %j asks for %j', (name, typed, asked) => {
  expect(typedFilter(name, typed)).toBe(asked)
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
