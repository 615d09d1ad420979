import { expect, it } from 'vitest'
import { incidentOf, type LiveEvent, stalePaths } from './events'
import { statusOf } from './status'

const event = (type: string, data: Record<string, unknown>): LiveEvent => ({ id: 'e', seq: 1, type, data })

it('makes lists and the incident stale that an event is about', () => {
  const fired = event('alert.fired', { id: 'a', incident_id: 'i' })
  expect(stalePaths(fired)).toContain('/incidents/{incident_id}/alerts')
  expect(incidentOf(fired)).toBe('i')
  expect(incidentOf(event('incident.updated', { id: 'i' }))).toBe('i')
})

it('makes nothing stale for events it does not know', () => {
  expect(stalePaths(event('weather.changed', {}))).toEqual([])
  expect(incidentOf(event('weather.changed', {}))).toBeNull()
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
