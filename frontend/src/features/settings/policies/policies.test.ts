import { expect, test } from 'vitest'
import { inUnit, type Policies, patchOf, type Values } from './policies'

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
