import { expect, test } from 'vitest'
import { type Comment, type Event, entriesOf } from './entries'

let count = 0

const event = (type: string, given: Partial<Event> = {}): Event => ({
  id: `event-${++count}`,
  type,
  incident_id: 'incident',
  at: '2026-11-22T10:00:00Z',
  actor: { kind: 'user', id: 'olga', name: 'Olga' },
  data: {},
  changes: {},
  note: '',
  seq: null,
  ...given,
})

const comment = (given: Partial<Comment> = {}): Comment => ({
  id: 'comment',
  incident_id: 'incident',
  author: { kind: 'user', id: 'olga', name: 'Olga' },
  body: 'It is the database.',
  version: 1,
  created_at: '2026-11-22T10:00:00Z',
  edited_at: null,
  deleted_at: null,
  ...given,
})

test('what happened last comes first', () => {
  const entries = entriesOf([event('incident.created'), event('postmortem.saved')], [])
  expect(entries.map((entry) => entry.kind === 'event' && entry.event.type)).toEqual([
    'postmortem.saved',
    'incident.created',
  ])
})

test('a comment shows once, where it was added, as it is now', () => {
  const events = [
    event('incident.updated', { changes: { comment: [null, 'comment'] }, note: 'Comment added.' }),
    event('incident.updated', { changes: { comment: ['comment', 'comment'] }, note: 'Comment edited.' }),
  ]
  const now = comment({ body: 'It is the network.', version: 2 })
  expect(entriesOf(events, [now])).toMatchObject([{ kind: 'comment', comment: now }])
})

test('a comment that is not loaded yet shows nothing', () => {
  expect(entriesOf([event('incident.updated', { changes: { comment: [null, 'another'] } })], [comment()])).toEqual([])
})

test('alerts that fire together are one entry, and resolved ones another', () => {
  const fired = (title: string, at: string) => event('alert.fired', { data: { title }, at })
  const events = [
    fired('one', '2026-11-22T10:00:00Z'),
    fired('two', '2026-11-22T10:00:30Z'),
    event('alert.resolved', { data: { title: 'one' }, at: '2026-11-22T10:00:40Z' }),
    fired('three', '2026-11-22T10:05:00Z'),
  ]
  expect(entriesOf(events, []).map((entry) => entry.kind === 'alerts' && [entry.type, entry.titles])).toEqual([
    ['alert.fired', ['three']],
    ['alert.resolved', ['one']],
    ['alert.fired', ['one', 'two']],
  ])
})

test('runs that change nothing, and signs between machines, are left out', () => {
  const events = [
    event('hypothesis.generated'),
    event('incident.quiet'),
    event('incident.updated'),
    event('hypothesis.generated', { changes: { lead: [null, 'bad_release of checkout'] } }),
  ]
  expect(entriesOf(events, [])).toHaveLength(1)
})
