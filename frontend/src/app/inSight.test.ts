import { expect, it } from 'vitest'
import { isInSight } from './inSight'

const event = { id: 'e', seq: 1, type: 'incident.created', data: { id: 'i1' } }

it.each([
  ['/', true],
  ['/incidents/i1', true],
  ['/incidents/i2', false],
  ['/analytics', false],
])('at %s what happens to i1 is in sight: %s', (path, seen) => expect(isInSight(event, path)).toBe(seen))
