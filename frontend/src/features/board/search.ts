import type { Model } from '@/api'

type Filters = Model<'Filters'>
export type Sort = NonNullable<Filters['sort']>
export type Scope = 'open' | 'closed' | 'all'
type Severity = Model<'FoundOut'>['severity']
type State = Model<'FoundOut'>['state']

export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info']
export const STATES: readonly State[] = [
  'detected',
  'acknowledged',
  'investigating',
  'mitigated',
  'resolved',
  'learned',
  'inconclusive',
]
export const SORTS: readonly Sort[] = ['newest', 'updated', 'severity']

/** What the board shows, as the address has it. Several values stand beside each other with commas. */
export type BoardSearch = {
  scope?: Scope
  state?: string
  severity?: string
  service?: string
  assignee?: string
  label?: string
  flapping?: true
  archived?: true
  q?: string
  sort?: Sort
}

/** The lists among them. */
export type ListFilter = 'state' | 'severity' | 'service' | 'assignee' | 'label'

const LISTS: readonly ListFilter[] = ['state', 'severity', 'service', 'assignee', 'label']
const KNOWN: Partial<Record<ListFilter, readonly string[]>> = { state: STATES, severity: SEVERITIES }
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What an address asks for; what is unknown or unreadable in it is left out, as the default is. */
export function searchOf(given: Record<string, unknown>): BoardSearch {
  const found: BoardSearch = {}
  for (const name of LISTS) {
    const values = listed(text(given[name])).filter((value) => isKnown(name, value))
    if (values.length > 0) found[name] = values.join(',')
  }
  if (given.scope === 'closed' || given.scope === 'all') found.scope = given.scope
  if (given.flapping === true) found.flapping = true
  if (given.archived === true) found.archived = true
  const q = text(given.q).slice(0, 200)
  if (q.trim()) found.q = q
  const sort = [...SORTS, 'relevance' as const].find((one) => one === given.sort)
  if (sort && (sort !== 'relevance' || found.q)) found.sort = sort
  return found
}

function isKnown(name: ListFilter, value: string): boolean {
  if (name === 'assignee') return value === 'me' || value === 'none' || UUID.test(value)
  if (name === 'label') return value.includes(':')
  return KNOWN[name]?.includes(value) ?? true
}

/** The values of a list filter. */
export function listed(values: string | undefined): string[] {
  return (values ?? '')
    .split(',')
    .map((value) => value.trim())
    .filter(Boolean)
}

/** The list filter with a value put in, or taken out where it was. */
export function toggled(values: string | undefined, value: string): string | undefined {
  const now = listed(values)
  const next = now.includes(value) ? now.filter((one) => one !== value) : [...now, value]
  return next.length > 0 ? next.join(',') : undefined
}

/** What the API is asked. A search for `INC-12` alone asks for that number, whatever its state. */
export function queryOf(search: BoardSearch): Omit<Filters, 'from' | 'to'> & { number?: number } {
  const number = /^\s*INC-(\d{1,9})\s*$/i.exec(search.q ?? '')?.[1]
  if (number) return { number: Number(number) }
  const { scope = 'open', q, sort, flapping, archived } = search
  const lists = Object.fromEntries(
    LISTS.flatMap((name) => (search[name] ? [[name, listed(search[name])]] : [])),
  ) as Pick<Filters, ListFilter>
  return {
    ...lists,
    ...(scope === 'all' || !hasScope(search) ? {} : { open: scope === 'open' }),
    ...(flapping ? { flapping } : {}),
    ...(archived ? { archived } : {}),
    ...(q ? { q } : {}),
    ...(sort ? { sort } : {}),
  }
}

/** Whether the scope narrows it: archived incidents and named states are not narrowed further. */
const hasScope = ({ state, archived }: BoardSearch) => !state && !archived

/** The filters of a saved view for what the board shows. */
export function filtersOf(search: BoardSearch): Filters {
  const { number: _, ...filters } = queryOf(search)
  return filters
}

/** What the board shows for the filters of a saved view. */
export function searchOfFilters(filters: Record<string, unknown>): BoardSearch {
  const { open, ...rest } = filters
  const lists = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  )
  const scope: Scope = open === true ? 'open' : open === false ? 'closed' : 'all'
  return searchOf({ ...lists, scope })
}

/** Whether two searches show the same. */
export function isSame(one: BoardSearch, other: BoardSearch): boolean {
  return JSON.stringify(canonical(one)) === JSON.stringify(canonical(other))
}

/** Whether the board is narrowed beyond what is open or closed. */
export function isNarrowed({ scope: _, sort: __, ...search }: BoardSearch): boolean {
  return Object.keys(search).length > 0
}

function canonical(search: BoardSearch): [string, unknown][] {
  const known = searchOf(search)
  return Object.entries(known)
    .filter(([name]) => name !== 'scope' || hasScope(known))
    .map(([name, value]): [string, unknown] => [
      name,
      LISTS.includes(name as ListFilter) ? listed(String(value)).sort() : value,
    ])
    .sort(([one], [other]) => one.localeCompare(other))
}

const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')
