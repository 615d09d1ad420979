import { text } from '@/text'
import { type Event, pairOf } from './entries'

const words = text.timeline

/** What an event says in words, in parts that stand beside each other; `nameOf` gives the name of a person by id. */
export function sentencesOf(event: Event, nameOf: (id: string) => string | undefined): string[] {
  if (event.type === 'incident.updated') {
    return Object.entries(event.changes).map(([field, change]) => changed(field, pairOf(change), nameOf))
  }
  const tell = TOLD[event.type]
  return [tell ? tell(event) : words.other(event.type)]
}

/** The other incident that an event speaks of, of those that are linked or merged one at a time. */
export function otherOf({ changes }: Event, incidentId: string): string | null {
  const [merged] = pairOf(changes.merged)?.flat() ?? []
  const into = pairOf(changes.merged_into)?.find(Boolean)
  const link = pairOf(changes.link)?.find(Boolean)
  const ends = link && typeof link === 'object' ? Object.entries(link).filter(([name]) => ENDS.includes(name)) : []
  const others = [merged, into, ...ends.map(([, id]) => id)]
  return others.find((id): id is string => typeof id === 'string' && id !== incidentId) ?? null
}

const ENDS = ['incident_id', 'other_id']

const TOLD: Record<string, (event: Event) => string> = {
  'incident.created': () => words.created,
  'hypothesis.generated': ({ changes }) => led(pairOf(changes.lead)),
  'hypothesis.checked': (event) => {
    const outcome = plain(pairOf(event.changes.check)?.[1])
    return words.checked[outcome]?.(causeOf(event)) ?? words.other(event.type)
  },
  'hypothesis.judged': (event) => {
    const verdict = pairOf(event.changes.verdict)?.[1]
    if (verdict === 'confirmed')
      return event.data.cause_code === 'none' ? words.confirmedNone : words.confirmed(causeOf(event))
    return verdict === 'rejected' ? words.rejected(causeOf(event)) : words.withdrawn(causeOf(event))
  },
  'hypotheses.requested': () => words.asked,
  'evidence.added': ({ data }) => words.evidence(Number(data.count ?? 1)),
  'postmortem.saved': () => words.postmortemSaved,
  'postmortem.published': () => words.postmortemPublished,
}

type Pair = [unknown, unknown] | undefined

function changed(field: string, pair: Pair, nameOf: (id: string) => string | undefined): string {
  const [before, after] = pair ?? [null, null]
  const tell = CHANGED[field]
  if (tell) return tell(before, after)
  if (field === 'assignee_id') {
    return after ? words.assigned(nameOf(plain(after)) ?? words.somebody) : words.unassigned
  }
  const short = (value: unknown) => typeof value === 'string' && value !== '' && value.length <= MOST_SHOWN
  return short(before) && short(after) ? words.changed(field, plain(before), plain(after)) : words.set(field)
}

const MOST_SHOWN = 120 // characters of a value

const CHANGED: Record<string, (before: unknown, after: unknown) => string> = {
  state: (before, after) => words.state(stateName(before), stateName(after)),
  severity: (before, after) => words.changed('severity', severityName(before), severityName(after)),
  archived_at: (_, after) => (after ? words.archived : words.restored),
  link: (_, after) => (after ? words.linked : words.unlinked),
  merged: (_, after) => (Array.isArray(after) && after.length > 0 ? words.mergedHere : words.unmergedHere),
  merged_into: (_, after) => (after ? words.merged : words.unmerged),
  flapping: (_, after) => (after ? words.flapping : words.steady),
}

function led([before, after]: [unknown, unknown] = [null, null]): string {
  if (!after) return words.noLead
  const [code = '', ...component] = plain(after).split(' of ')
  const lead = text.hypotheses.causeOn(code, component.join(' of '))
  return before ? words.newLead(lead) : words.firstLead(lead)
}

const causeOf = ({ data }: Event) => text.hypotheses.causeOn(plain(data.cause_code), plain(data.component))
const stateName = (value: unknown) => named(text.common.state, value)
const severityName = (value: unknown) => named(text.common.severity, value)
const named = (names: Record<string, string>, value: unknown) => names[plain(value)] ?? plain(value)
const plain = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
