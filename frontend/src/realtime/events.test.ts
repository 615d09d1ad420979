import { expect, it } from 'vitest'
import { incidentsOf, type LiveEvent, stalePaths } from './events'
import { statusOf } from './status'

const event = (type: string, data: Record<string, unknown>): LiveEvent => ({ id: 'e', seq: 1, type, data })

it('makes lists and the incident stale that an event is about', () => {
  const fired = event('alert.fired', { id: 'a', incident_id: 'i' })
  expect(stalePaths(fired)).toContain('/incidents/{incident_id}/alerts')
  expect(incidentsOf(fired)).toEqual(['i'])
  expect(incidentsOf(event('incident.updated', { id: 'i' }))).toEqual(['i'])
})

it.each(['incident.created', 'incident.updated'])(
  'makes the service map stale, which counts incidents, by %s',
  (type) => {
    expect(stalePaths(event(type, { id: 'i' }))).toContain('/service-map')
  },
)

it('makes nothing stale for events it does not know', () => {
  expect(stalePaths(event('weather.changed', {}))).toEqual([])
  expect(incidentsOf(event('weather.changed', {}))).toEqual([])
})

it('is about every incident that shows a run of hypotheses', () => {
  const generated = event('hypothesis.generated', { incident_id: 'i', count: 3, together: ['i', 'j', 'k'] })
  expect(incidentsOf(generated)).toEqual(['i', 'j', 'k'])
  expect(incidentsOf(event('hypothesis.generated', { incident_id: 'i', count: 3 }))).toEqual(['i'])
})

it.each([
  [{ online: true, open: true, everOpen: true }, 'live'],
  [{ online: false, open: true, everOpen: true }, 'live'],
  [{ online: false, open: false, everOpen: true }, 'offline'],
  [{ online: true, open: false, everOpen: true }, 'recovering'],
  [{ online: true, open: false, everOpen: false }, 'connecting'],
] as const)('with %j is %s', (known, status) => {
  expect(statusOf(known)).toBe(status)
})
