import type { Model } from '@/api'

/** Buckets of confidence as the diagram has them; `ideal` is where those would lie that are as good as they say. */
export function reliabilityRows(buckets: readonly Model<'BucketOut'>[]) {
  return buckets.map(({ at_least, below, right }) => ({
    scored: `${Math.round(at_least * 100)}–${Math.round(below * 100)}%`,
    held: `${right.right} of ${right.of}`,
    ideal: (at_least + below) / 2,
    right: right.share,
  }))
}
