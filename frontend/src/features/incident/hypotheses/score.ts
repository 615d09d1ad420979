import type { Model } from '@/api'

type Factor = Model<'FactorOut'>

/** A factor as a bar of a waterfall: it moves the sum from `from` to `to`, both in 0-1. */
export type Bar = { factor: Factor; from: number; to: number }

/** The factors that move the score, in their order; those worth less than half a point are left out but still added. */
export function waterfall(factors: readonly Factor[]): Bar[] {
  let sum = 0
  return factors
    .map((factor) => {
      const from = sum
      sum += factor.contribution
      return { factor, from, to: sum }
    })
    .filter(({ factor }) => Math.abs(factor.contribution) >= HALF_A_POINT)
}

/** A contribution in points of a hundred, with its sign. */
export const points = (contribution: number) =>
  `${contribution < 0 ? '−' : '+'}${Math.abs(contribution * 100).toFixed(0)}`

const HALF_A_POINT = 0.005
