import type { Model } from '@/api'

export type Policies = Model<'PoliciesOut'>
export type Values = Model<'PolicyValues'>
export type Patch = Model<'PoliciesPatch'>
export type Policy = keyof Values

export const POLICIES: Policy[] = [
  'auto_resolve',
  'quiet_period',
  'reopen_window',
  'related',
  'threshold',
  'grouping',
  'auto_analyse',
  'severity_map',
  'severity_labels',
  'service_labels',
]

/** The threshold, whole: an answer has all of it, which the type of answers and requests together cannot say. */
export const thresholdOf = ({ threshold: { count = 1, window = 300 } }: Values) => ({ count, window })

export const sameValue = (one: unknown, other: unknown) => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))

/** What to send so that the policies become the wanted ones: null where that is the default. */
export function patchOf(now: Policies, wanted: Values): Patch {
  const changed = POLICIES.filter((policy) => !sameValue(now[policy], wanted[policy]))
  return Object.fromEntries(
    changed.map((policy) => [policy, sameValue(wanted[policy], now.defaults[policy]) ? null : wanted[policy]]),
  )
}

export const valuesOf = ({ defaults: _, version: __, ...values }: Policies): Values => values

/** What has been changed since `sent` was sent. */
export function changedSince(sent: Partial<Values>, changed: Partial<Values>): Partial<Values> {
  const kept = POLICIES.filter((policy) => policy in changed && !sameValue(changed[policy], sent[policy]))
  return Object.fromEntries(kept.map((policy) => [policy, changed[policy]]))
}

/** What a person has changed and nobody else since: of what another has changed meanwhile, theirs is shown. */
export function stillChanged(changed: Partial<Values>, before: Policies, now: Policies, sent: Patch): Partial<Values> {
  const isOurs = (policy: Policy) => policy in sent && sameValue(now[policy], sent[policy] ?? now.defaults[policy])
  const kept = POLICIES.filter(
    (policy) => policy in changed && (sameValue(now[policy], before[policy]) || isOurs(policy)),
  )
  return Object.fromEntries(kept.map((policy) => [policy, changed[policy]]))
}

/** A length of time in the largest unit that it is a whole number of; 0 is none of minutes. */
export function inUnit(seconds: number): { count: number; unit: Unit } {
  const unit = ([86_400, 3_600, 60] as const).find((one) => seconds > 0 && seconds % one === 0)
  return seconds === 0 ? { count: 0, unit: 60 } : { count: seconds / (unit ?? 1), unit: unit ?? 1 }
}

/** Seconds in a unit of time. */
export type Unit = 1 | 60 | 3_600 | 86_400

/** With the names of objects in order; lists stay as they are. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
}
