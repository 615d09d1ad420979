import { describe, expect, it } from 'vitest'
import { filtersOf, isNarrowed, isSame, queryOf, searchOf, searchOfFilters, toggled } from './search'

describe('an address', () => {
  it('asks for what is open unless it says otherwise', () => {
    expect(queryOf(searchOf({}))).toEqual({ open: true })
    expect(queryOf(searchOf({ scope: 'closed' }))).toEqual({ open: false })
    expect(queryOf(searchOf({ scope: 'all' }))).toEqual({})
  })

  it('asks for several values of a filter', () => {
    expect(queryOf(searchOf({ severity: 'critical,high', assignee: 'me' }))).toEqual({
      severity: ['critical', 'high'],
      assignee: ['me'],
      open: true,
    })
  })

  it('names states instead of what is open', () => {
    expect(queryOf(searchOf({ state: 'resolved' }))).toEqual({ state: ['resolved'] })
  })

  it.each([
    { severity: 'catastrophic' },
    { state: 'gone' },
    { assignee: 'bob' },
    { label: 'nothing' },
    { scope: 'ajar' },
    { sort: 'colour' },
    { sort: 'relevance' },
    { q: '   ' },
    { flapping: 'yes' },
    { service: { deep: 1 } },
  ])('that says %j asks for nothing that the API would refuse', (given) => {
    expect(searchOf(given)).toEqual({})
  })

  it('may search for a number, which the router reads as one', () => {
    expect(queryOf(searchOf({ q: 503, scope: 'all' }))).toEqual({ q: '503' })
  })

  it('finds an incident by its reference, whatever else is chosen', () => {
    expect(queryOf(searchOf({ q: ' inc-12 ', state: 'detected' }))).toEqual({ number: 12 })
  })

  it('is cut to what the API takes', () => {
    expect(searchOf({ q: 'x'.repeat(300) }).q).toHaveLength(200)
  })
})

describe('a saved view', () => {
  it.each([
    {},
    { scope: 'all' as const },
    { scope: 'closed' as const, severity: 'high', sort: 'updated' as const },
    { scope: 'all' as const, state: 'resolved,learned', label: 'team:db', q: 'pool -search' },
    { state: 'resolved,learned' },
    { scope: 'closed' as const, archived: true as const },
    { scope: 'all' as const, archived: true as const, flapping: true as const },
  ])('brings %j back', (search) => {
    expect(isSame(searchOfFilters(filtersOf(search)), search)).toBe(true)
  })

  it('is another one by its scope only where that has an effect', () => {
    expect(isSame({ scope: 'all' }, {})).toBe(false)
    expect(isSame({ scope: 'all', severity: 'high' }, { severity: 'high' })).toBe(false)
    expect(isSame({ scope: 'all', state: 'detected' }, { state: 'detected' })).toBe(true)
  })

  it('is the same in whatever order its values stand', () => {
    expect(isSame({ severity: 'low,high' }, { severity: 'high,low' })).toBe(true)
    expect(isSame({ severity: 'low' }, { severity: 'high' })).toBe(false)
  })
})

it('puts a value in and takes it out', () => {
  expect(toggled(undefined, 'high')).toBe('high')
  expect(toggled('high', 'low')).toBe('high,low')
  expect(toggled('high,low', 'high')).toBe('low')
  expect(toggled('high', 'high')).toBeUndefined()
})

it('is narrowed by filters and not by order', () => {
  expect(isNarrowed({ scope: 'all', sort: 'updated' })).toBe(false)
  expect(isNarrowed({ q: 'pool' })).toBe(true)
})
