import { expect, test } from 'vitest'
import { numberOf } from './typed'

test.each([
  ['', null],
  ['-', null],
  ['0', 0],
  [0, 0],
  ['12.5', 12.5],
])('of %j, %j is the number', (typed, number) => {
  expect(numberOf(typed)).toBe(number)
})
