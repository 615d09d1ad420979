import { text } from '@/text'
import { duration } from '@/ui'
import { type Policy, thresholdOf, type Values } from './policies'

const words = text.policies

/** What a policy says, in a few words. */
export const saying = (policy: Policy, values: Values): string => SAYINGS[policy](values)

const SAYINGS: Record<Policy, (values: Values) => string> = {
  auto_resolve: ({ auto_resolve }) => words.autoResolve[auto_resolve],
  quiet_period: ({ quiet_period }) => duration(quiet_period),
  reopen_window: ({ reopen_window }) => duration(reopen_window),
  related: ({ related }) => words.related[related],
  threshold: (values) => {
    const { count, window } = thresholdOf(values)
    return words.thresholdOf(count, duration(window))
  },
  grouping: ({ grouping }) => words.by[grouping.by],
  auto_analyse: ({ auto_analyse }) => (auto_analyse ? words.yes : words.no),
  severity_map: ({ severity_map }) => words.wordsOf(Object.keys(severity_map).length),
  severity_labels: ({ severity_labels }) => severity_labels.join(', '),
  service_labels: ({ service_labels }) => service_labels.join(', '),
}
