import { expect, test } from 'vitest'
import { ONCE, type Repeat, repeatOf, ruleOf } from './recurrence'

const RULES = [
  '',
  'FREQ=DAILY',
  'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR',
  'FREQ=MONTHLY;COUNT=6',
  'FREQ=WEEKLY;BYDAY=SU;UNTIL=20271231',
  'FREQ=MONTHLY;BYDAY=2TU',
  'FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1',
  'FREQ=DAILY;UNTIL=20271231T120000Z',
]

test.each(RULES)('"%s" is the same rule after it was in the form', (rule) => {
  expect(ruleOf(repeatOf(rule))).toBe(rule)
})

test('what the form cannot show is kept as a rule', () => {
  expect(repeatOf('FREQ=MONTHLY;BYDAY=2TU')).toEqual({ ...ONCE, every: 'other', rule: 'FREQ=MONTHLY;BYDAY=2TU' })
})

test('days are in the order of the week, and only weeks have them', () => {
  const chosen: Repeat = { ...ONCE, every: 'week', days: ['FR', 'MO'] }
  expect(ruleOf(chosen)).toBe('FREQ=WEEKLY;BYDAY=MO,FR')
  expect(ruleOf({ ...chosen, every: 'day' })).toBe('FREQ=DAILY')
})
