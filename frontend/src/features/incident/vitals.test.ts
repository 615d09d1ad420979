import { expect, test } from 'vitest'
import { vitalsOf } from './vitals'

const OPENED = {
  state: 'detected',
  state_since: '2026-11-22T10:00:00Z',
  created_at: '2026-11-22T10:00:00Z',
  acknowledged_at: null,
  mitigated_at: null,
  resolved_at: null,
} as const
const NOW = Date.parse('2026-11-22T10:05:00Z')

test('an open incident grows older', () => {
  expect(vitalsOf(OPENED, NOW)).toEqual({
    open: 300,
    isOver: false,
    acknowledged: null,
    mitigated: null,
    resolved: null,
  })
})

test('a resolved incident keeps the age at which it was resolved', () => {
  const resolved = {
    ...OPENED,
    state: 'learned',
    acknowledged_at: '2026-11-22T10:00:30Z',
    resolved_at: '2026-11-22T10:02:00Z',
  } as const
  expect(vitalsOf(resolved, NOW)).toMatchObject({ open: 120, isOver: true, acknowledged: 30, resolved: 120 })
})

test('an inconclusive incident ended when it became that', () => {
  const givenUp = { ...OPENED, state: 'inconclusive', state_since: '2026-11-22T10:01:00Z' } as const
  expect(vitalsOf(givenUp, NOW)).toMatchObject({ open: 60, isOver: true, resolved: null })
})

test('a clock of the browser that is behind makes no negative ages', () => {
  expect(vitalsOf(OPENED, Date.parse('2026-11-22T09:00:00Z')).open).toBe(0)
})
