import { expect, test } from 'vitest'
import { points, waterfall } from './score'

const factor = (name: string, contribution: number) => ({
  name,
  contribution,
  weight: 1,
  value: contribution,
  evidence: [],
  why: '',
})

test('bars begin where the last one ended, also after one that is too small to show', () => {
  const bars = waterfall([factor('a', 0.5), factor('b', 0.004), factor('c', -0.2)])
  expect(bars.map(({ factor: { name }, from, to }) => [name, from.toFixed(3), to.toFixed(3)])).toEqual([
    ['a', '0.000', '0.500'],
    ['c', '0.504', '0.304'],
  ])
})

test('points have a sign', () => {
  expect([points(0.514), points(-0.2)]).toEqual(['+51', '−20'])
})
