import type { Model } from '@/api'

export const TABS = ['incidents', 'ai', 'accuracy'] as const
export type Tab = (typeof TABS)[number]

/** Days that a period has, today included. */
export const PERIODS = { '7d': 7, '30d': 30, '90d': 90, '1y': 365 } as const
export type Period = keyof typeof PERIODS
export const PERIOD_NAMES = Object.keys(PERIODS) as Period[]

type Severity = Model<'SeverityOut'>['severity']
export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info']

/** What the page shows, as the address has it; `from` and `to` are days, both included, and count before `period`. */
export type AnalyticsSearch = {
  tab?: Tab
  period?: Period
  from?: string
  to?: string
  service?: string[]
  severity?: Severity[]
  person?: string
  /** Whose use of the language model: of several projects that the viewer is in. */
  project?: string
}

const DAY = /^\d{4}-\d{2}-\d{2}$/
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const MOST = 20 // values of one filter

/** What an address asks for; what is unknown or unreadable in it is left out. */
export function searchOf(given: Record<string, unknown>): AnalyticsSearch {
  const found: AnalyticsSearch = {}
  const tab = TABS.find((one) => one === given.tab)
  if (tab) found.tab = tab
  const [from, to] = [given.from, given.to].map(String)
  if (from && to && isDay(from) && isDay(to) && from <= to) Object.assign(found, { from, to })
  const period = PERIOD_NAMES.find((one) => one === given.period)
  if (period && !found.from) found.period = period
  const services = texts(given.service)
  if (services.length > 0) found.service = services
  const severities = SEVERITIES.filter((one) => texts(given.severity).includes(one))
  if (severities.length > 0) found.severity = severities
  if (typeof given.person === 'string' && UUID.test(given.person)) found.person = given.person
  if (typeof given.project === 'string' && UUID.test(given.project)) found.project = given.project
  return found
}

/** When what is asked for begins and ends, in the viewer's days; it goes on until now where no end is given. */
export function rangeOf(search: AnalyticsSearch, now: Date): { from: string; to?: string } {
  if (search.from && search.to) {
    const after = new Date(`${search.to}T00:00:00`)
    after.setDate(after.getDate() + 1)
    return { from: new Date(`${search.from}T00:00:00`).toISOString(), to: after.toISOString() }
  }
  const begins = new Date(now.getFullYear(), now.getMonth(), now.getDate())
  begins.setDate(begins.getDate() - daysOf(search) + 1)
  return { from: begins.toISOString() }
}

/** How many days a period has; without one, 30. */
export const daysOf = ({ period = '30d' }: AnalyticsSearch): number => PERIODS[period]

const isDay = (value: string) => DAY.test(value) && !Number.isNaN(Date.parse(value))

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value])
    .filter((one): one is string => typeof one === 'string' && one !== '')
    .slice(0, MOST)
