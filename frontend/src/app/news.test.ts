import { expect, it } from 'vitest'
import type { LiveEvent } from '@/realtime'
import { Gatherer, type News, Newsroom } from './news'

const incident = (type: string, state: string, id = 'i'): LiveEvent => ({
  id: 'e',
  seq: 1,
  type: `incident.${type}`,
  data: { id, title: 'Disk is full', severity: 'high', state, version: 1 },
})
const generated: LiveEvent = { id: 'e', seq: 1, type: 'hypothesis.generated', data: { incident_id: 'i', count: 3 } }

/** The kinds of news in events that come one after another. */
const kindsOf = (...events: LiveEvent[]) => {
  const room = new Newsroom()
  return events.map((event) => room.take(event)?.kind ?? null)
}

it.each<[string, LiveEvent[], (string | null)[]]>([
  ['an incident opens', [incident('created', 'detected')], ['opened']],
  ['it is resolved', [incident('created', 'detected'), incident('updated', 'resolved')], ['opened', 'resolved']],
  ['it is reopened', [incident('updated', 'resolved'), incident('updated', 'investigating')], [null, 'reopened']],
  ['work on it begins', [incident('updated', 'acknowledged'), incident('updated', 'investigating')], [null, null]],
  ['a resolved one is renamed', [incident('updated', 'resolved'), incident('updated', 'resolved')], [null, null]],
  ['hypotheses follow its opening', [incident('created', 'detected'), generated], ['opened', null]],
  ['hypotheses come again and again', [generated, generated], ['explained', null]],
])('when %s, people hear of what is new', (_, events, kinds) => expect(kindsOf(...events)).toEqual(kinds))

const news = (id: string, kind: News['kind'] = 'opened'): News => ({ kind, id, title: id, severity: 'high' })

it('tells in one message what comes while it is shown', () => {
  const gatherer = new Gatherer(10_000)
  const first = gatherer.take(news('a'), 0)
  gatherer.take(news('b'), 4_000)
  const third = gatherer.take(news('b'), 9_000)
  expect([third.key, third.news.map(({ id }) => id)]).toEqual([first.key, ['a', 'b']])
  expect(gatherer.take(news('c'), 10_000)).toMatchObject({ key: 'opened-10000', news: [{ id: 'c' }] })
})

it('keeps kinds apart', () => {
  const gatherer = new Gatherer(10_000)
  gatherer.take(news('a'), 0)
  expect(gatherer.take(news('a', 'resolved'), 1).news).toHaveLength(1)
})
