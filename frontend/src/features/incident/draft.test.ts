import { expect, test } from 'vitest'
import { leftOf } from './draft'

const item = { title: 'Enlarge the pool', done: false }

test.each([
  ['It is the pool', 'It is the pool', null],
  ['It is the pool, I think', 'It is the pool', 'It is the pool, I think'],
  [null, null, null],
  [{ body: 'Why', action_items: [item] }, { body: 'Why', action_items: [{ ...item }] }, null],
  [{ body: 'Why', action_items: [item, item] }, null, { body: 'Why', action_items: [item, item] }],
])('of the draft %j, once %j is saved, %j is left', (now, saved, left) => {
  expect(leftOf<unknown>(now, saved)).toEqual(left)
})
