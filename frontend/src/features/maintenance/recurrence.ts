/** How a window comes again, as the form knows it; what it does not know is kept as `rule`. */
export type Repeat = {
  every: 'never' | 'day' | 'week' | 'month' | 'other'
  /** Every how many days, weeks or months. */
  interval: number
  /** For weeks. */
  days: Day[]
  /** After which times it ends; null goes on. */
  count: number | null
  /** The last day, such as "2026-12-31"; empty goes on. */
  until: string
  /** The whole rule (RFC 5545), for `other`. */
  rule: string
}

export type Day = 'MO' | 'TU' | 'WE' | 'TH' | 'FR' | 'SA' | 'SU'
export const DAYS: Day[] = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']

export const ONCE: Repeat = { every: 'never', interval: 1, days: [], count: null, until: '', rule: '' }

const FREQUENCY = { day: 'DAILY', week: 'WEEKLY', month: 'MONTHLY' } as const
const EVERY: Record<string, 'day' | 'week' | 'month'> = { DAILY: 'day', WEEKLY: 'week', MONTHLY: 'month' }
const KNOWN = new Set(['FREQ', 'INTERVAL', 'BYDAY', 'COUNT', 'UNTIL'])

/** The rule of a repetition, empty where it does not come again. */
export function ruleOf({ every, interval, days, count, until, rule }: Repeat): string {
  if (every === 'never') return ''
  if (every === 'other') return rule.trim()
  const parts = [`FREQ=${FREQUENCY[every]}`]
  if (interval > 1) parts.push(`INTERVAL=${interval}`)
  if (every === 'week' && days.length > 0) parts.push(`BYDAY=${DAYS.filter((day) => days.includes(day)).join(',')}`)
  if (count !== null) parts.push(`COUNT=${count}`)
  else if (until) parts.push(`UNTIL=${until.replaceAll('-', '')}`)
  return parts.join(';')
}

/** The repetition of a rule, to change it in the form. */
export function repeatOf(rule: string): Repeat {
  if (!rule) return ONCE
  const parts = new Map(rule.split(';').map((part) => part.split('=', 2) as [string, string]))
  const every = EVERY[parts.get('FREQ') ?? '']
  const days = (parts.get('BYDAY') ?? '').split(',').filter(Boolean)
  const until = parts.get('UNTIL') ?? ''
  const isKnown =
    every !== undefined &&
    [...parts.keys()].every((name) => KNOWN.has(name)) &&
    days.every(isDay) &&
    (days.length === 0 || every === 'week') &&
    (until === '' || until.length === 8)
  if (!isKnown) return { ...ONCE, every: 'other', rule }
  return {
    every,
    interval: Number(parts.get('INTERVAL') ?? 1),
    days: days.filter(isDay),
    count: parts.has('COUNT') ? Number(parts.get('COUNT')) : null,
    until: until.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3'),
    rule: '',
  }
}

const isDay = (text: string): text is Day => DAYS.some((day) => day === text)
