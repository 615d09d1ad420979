export const TABS = ['entries', 'stats', 'verify'] as const
export type Tab = (typeof TABS)[number]
export const KINDS = ['changes', 'calls', 'all'] as const
export type Kind = (typeof KINDS)[number]
export const OUTCOMES = ['ok', 'refused', 'failed'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** What the page shows, as the address has it; `from` and `to` are days, both included. */
export type AuditSearch = {
  tab?: Tab
  kind?: Kind
  person?: string
  action?: string
  resource?: string
  outcome?: Outcome
  from?: string
  to?: string
  q?: string
}

const DAY = /^\d{4}-\d{2}-\d{2}$/
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const ACTION = /^[a-z_.]{1,100}$/

/** What an address asks for; what is unknown or unreadable in it is left out. */
export function searchOf(given: Record<string, unknown>): AuditSearch {
  const found: AuditSearch = {}
  const tab = TABS.find((one) => one === given.tab)
  if (tab) found.tab = tab
  const kind = KINDS.find((one) => one === given.kind)
  if (kind) found.kind = kind
  const outcome = OUTCOMES.find((one) => one === given.outcome)
  // Only calls have one to choose.
  if (outcome && kind === 'calls') found.outcome = outcome
  if (isText(given.person, UUID)) found.person = given.person
  if (isText(given.action, ACTION)) found.action = given.action
  if (isText(given.resource, UUID)) found.resource = given.resource
  if (isDay(given.from)) found.from = given.from
  if (isDay(given.to) && (!found.from || found.from <= given.to)) found.to = given.to
  const q = typeof given.q === 'string' || typeof given.q === 'number' ? String(given.q).slice(0, 200) : ''
  if (q.trim()) found.q = q
  return found
}

export type TypedFilter = 'q' | 'action' | 'resource'

/** The filter that was typed; undefined where it is none, or not one yet. */
export const typedFilter = (name: TypedFilter, typed: string): string | undefined =>
  searchOf({ [name]: typed.trim() })[name]

/** What the API is asked for: the days as moments of the viewer's zone, the last one included. */
export function filtersOf({ tab: _, kind: __, from, to, ...rest }: AuditSearch) {
  return {
    ...rest,
    ...(from ? { from: new Date(`${from}T00:00:00`).toISOString() } : {}),
    ...(to ? { to: dayAfter(to) } : {}),
  }
}

/** Whether entries are left out. */
export const isNarrowed = (search: AuditSearch): boolean => Object.keys(filtersOf(search)).length > 0

function dayAfter(day: string): string {
  const after = new Date(`${day}T00:00:00`)
  after.setDate(after.getDate() + 1)
  return after.toISOString()
}

const isText = (value: unknown, shape: RegExp): value is string => typeof value === 'string' && shape.test(value)
const isDay = (value: unknown): value is string => isText(value, DAY) && !Number.isNaN(Date.parse(value))
