import { expect, test } from 'vitest'
import type { Event } from './entries'
import { otherOf, sentencesOf } from './sentence'

const event = (changes: Event['changes'], type = 'incident.updated', data: Event['data'] = {}): Event => ({
  id: 'event',
  type,
  incident_id: 'incident',
  at: '2026-11-22T10:00:00Z',
  actor: { kind: 'user', id: 'olga', name: 'Olga' },
  data,
  changes,
  note: '',
  seq: null,
})

const updated = (...given: Parameters<typeof event>) => sentencesOf(event(...given), (id) => ({ olga: 'Olga' })[id])

test.each([
  [{ state: ['detected', 'acknowledged'] }, 'changed the state from detected to acknowledged'],
  [{ assignee_id: [null, 'olga'] }, 'assigned the incident to Olga'],
  [{ assignee_id: [null, 'unknown'] }, 'assigned the incident to someone'],
  [{ assignee_id: ['olga', null] }, 'removed the assignee'],
  [{ title: ['One', 'Two'] }, 'changed the title from One to Two'],
  [{ description: ['', 'x'.repeat(500)] }, 'changed the description'],
  [{ labels: [{}, { a: 'b' }] }, 'changed the labels'],
  [{ archived_at: [null, '2026-11-22T10:00:00Z'] }, 'archived the incident'],
  [{ unknown_field: [1, 2] }, 'changed unknown field'],
])('a change %o is told as %s', (changes, said) => {
  expect(updated(changes)).toEqual([said])
})

test('several changes at once are told one by one', () => {
  expect(updated({ state: ['mitigated', 'investigating'], merged: [[], ['one']] })).toHaveLength(2)
})

test('what is judged is called by its cause', () => {
  const cause = { cause_code: 'bad_release', component: 'checkout' }
  expect(updated({ verdict: [null, 'confirmed'] }, 'hypothesis.judged', cause)).toEqual([
    'confirmed “bad release on checkout” as the root cause',
  ])
  expect(updated({ check: [null, 'refutes'] }, 'hypothesis.checked', cause)).toEqual([
    'checked “bad release on checkout”: refuted',
  ])
})

test.each([
  [[null, 'disk_full of db_1'], 'ranked “disk full on db_1” first'],
  [['disk_full of db_1', 'none of checkout'], 're-ranked the hypotheses: “not an incident” is now first'],
  [['none of checkout', null], 're-ranked the hypotheses: no leading cause'],
])('a change of the lead %j is told as %s', (lead, said) => {
  expect(updated({ lead }, 'hypothesis.generated')).toEqual([said])
})

test('that it was no incident is told as such', () => {
  const cause = { cause_code: 'none', component: 'checkout' }
  expect(updated({ verdict: [null, 'confirmed'] }, 'hypothesis.judged', cause)).toEqual([
    'confirmed that this was not an incident',
  ])
})

test('a type that nobody has words for is still told', () => {
  expect(updated({}, 'something.new_here')).toEqual(['something new here'])
})

test.each([
  [{ link: [null, { id: 'link', incident_id: 'other', other_id: 'incident', kind: 'related' }] }, 'other'],
  [{ link: [{ id: 'link', incident_id: 'incident', other_id: 'other', kind: 'related' }, null] }, 'other'],
  [{ merged: [[], ['other']] }, 'other'],
  [{ merged_into: ['other', null] }, 'other'],
  [{ state: ['detected', 'acknowledged'] }, null],
])('of %j the other incident is %s', (changes, other) => {
  expect(otherOf(event(changes), 'incident')).toBe(other)
})
