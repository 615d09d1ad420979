import { expect, test } from 'vitest'
import { actionName, said } from './values'

test.each([
  [null, '–'],
  ['', '–'],
  [false, 'false'],
  [0, '0'],
  ['high', 'high'],
  [{ a: [1] }, '{"a":[1]}'],
])('%o is said as %s', (value, words) => {
  expect(said(value)).toBe(words)
})

test('events and operations read as words', () => {
  expect(['incident.updated', 'list_incidents'].map(actionName)).toEqual(['Incident updated', 'List incidents'])
})
