import { duration } from '@/ui/time'

const whole = new Intl.NumberFormat('en')
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const shares = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 })
const NONE = '–'

/** A number with its thousands apart. */
export const count = (value: number): string => whole.format(value)

/** A large number in three figures, such as 12.3K. */
export const compact = (value: number): string => short.format(value)

/** A share of 0-1 in percent; a dash where there is none. */
export const percent = (share: number | null): string => (share === null ? NONE : shares.format(share))

/** US dollars; of less than a dollar as many digits as say something. */
export function dollars(value: number): string {
  const digits = value === 0 || value >= 1 ? 2 : 4
  return `$${value.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: digits })}`
}

/** A length of time in seconds; a dash where there is none. */
export const lasting = (seconds: number | null): string => (seconds === null ? NONE : duration(seconds))

/** A length of time in milliseconds; a dash where there is none. */
export const lastingMs = (milliseconds: number | null): string =>
  milliseconds === null ? NONE : duration(milliseconds / 1000)

/** A number with one digit after the point; a dash where there is none. */
export const decimal = (value: number | null): string => (value === null ? NONE : value.toFixed(1))

/** A day as charts name it, such as "3 Oct". */
export const dayName = (at: string): string =>
  new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format(
    new Date(at.length === 10 ? `${at}T00:00` : at),
  )

/** How much of a budget is gone, in 0-1, and how serious that is: at 50, 80 and 100 % somebody is told. */
export function spent(used: number, limit: number): { share: number; level: 'calm' | 'half' | 'near' | 'over' } {
  const share = limit > 0 ? used / limit : 1
  const level = share >= 1 ? 'over' : share >= 0.8 ? 'near' : share >= 0.5 ? 'half' : 'calm'
  return { share, level }
}
