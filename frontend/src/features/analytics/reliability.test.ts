import { expect, test } from 'vitest'
import { reliabilityRows } from './reliability'

test('a bucket says how many of how many held, beside what its confidence promised', () => {
  const bucket = { at_least: 0.7, below: 0.8, right: { right: 31, of: 42, share: 31 / 42 } }
  expect(reliabilityRows([bucket])).toEqual([{ scored: '70–80%', held: '31 of 42', ideal: 0.75, right: 31 / 42 }])
})
