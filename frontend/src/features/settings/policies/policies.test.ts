import { expect, test } from 'vitest'
import { changedSince, inUnit, type Policies, patchOf, stillChanged, type Values, valuesOf } from './policies'

const DEFAULTS: Values = {
  auto_resolve: 'all',
  quiet_period: 600,
  reopen_window: 1800,
  related: 'link',
  threshold: { count: 1, window: 300 },
  grouping: { by: 'group', labels: [] },
  auto_analyse: true,
  severity_map: {},
  severity_labels: ['severity'],
  service_labels: ['service'],
}

const now = (changed: Partial<Values> = {}): Policies => ({ ...DEFAULTS, ...changed, defaults: DEFAULTS, version: 3 })

test('what stays is not sent', () => {
  expect(patchOf(now(), DEFAULTS)).toEqual({})
  const reordered = { ...DEFAULTS, threshold: { window: 300, count: 1 } }
  expect(patchOf(now(), reordered)).toEqual({})
})

test('what changes is sent, and null for the default', () => {
  const wanted: Values = { ...DEFAULTS, related: 'attach' }
  expect(patchOf(now({ quiet_period: 60 }), wanted)).toEqual({ related: 'attach', quiet_period: null })
})

test('the order of labels counts', () => {
  const wanted = { ...DEFAULTS, service_labels: ['app', 'service'] }
  expect(patchOf(now({ service_labels: ['service', 'app'] }), wanted)).toEqual({ service_labels: ['app', 'service'] })
})

test('what somebody changed stays when others change something else', () => {
  const changed: Partial<Values> = { quiet_period: 60 }
  const others = now({ related: 'attach', quiet_period: 900 })
  const wanted = { ...valuesOf(others), ...changed }
  expect(patchOf(others, wanted)).toEqual({ quiet_period: 60 })
})

test('of what two people change, the one who comes later sees the other first', () => {
  const changed: Partial<Values> = { severity_map: { blocker: 'critical' }, quiet_period: 60 }
  const others = now({ severity_map: { p0: 'critical' } })
  expect(stillChanged(changed, now(), others, {})).toEqual({ quiet_period: 60 })
})

test('what came of one’s own save is nobody else’s change', () => {
  const later: Partial<Values> = { quiet_period: 90, related: 'link' }
  const saved = now({ quiet_period: 60 })
  const sent = { quiet_period: 60, related: null }
  expect(stillChanged(later, now({ related: 'attach' }), saved, sent)).toEqual(later)
})

test('what is changed while a save is under way stays to be saved', () => {
  const sent: Partial<Values> = { quiet_period: 60, threshold: { count: 2, window: 60 } }
  const later: Partial<Values> = { ...sent, threshold: { count: 3, window: 60 }, related: 'attach' }
  expect(changedSince(sent, later)).toEqual({ threshold: { count: 3, window: 60 }, related: 'attach' })
  expect(changedSince(sent, sent)).toEqual({})
})

test.each([
  [0, 0, 60],
  [45, 45, 1],
  [600, 10, 60],
  [5_400, 90, 60],
  [7_200, 2, 3_600],
  [172_800, 2, 86_400],
])('%i seconds are %i of %i', (seconds, count, unit) => {
  expect(inUnit(seconds)).toEqual({ count, unit })
})
