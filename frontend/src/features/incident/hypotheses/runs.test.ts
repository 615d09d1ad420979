import { expect, test } from 'vitest'
import { isUnderWay, runsOf, type Step, stepSeconds } from './runs'

const step = (
  run: number,
  step_type: string,
  begin: number | null,
  end: number | null,
  status = 'completed',
): Step => ({
  incident_id: 'i',
  run,
  step_type,
  status,
  started_at: begin === null ? null : new Date(begin * 1000).toISOString(),
  finished_at: end === null ? null : new Date(end * 1000).toISOString(),
  detail: {},
})

test('the newest run comes first, and the reception belongs to all', () => {
  const runs = runsOf([
    step(0, 'alert_received', 0, 0),
    step(1, 'evidence_collected', 1, 2),
    step(1, 'published', 2, 3),
    step(2, 'evidence_collected', 10, 10.5),
  ])
  expect(runs.map(({ number, steps, seconds }) => [number, steps.length, seconds])).toEqual([
    [2, 2, 0.5],
    [1, 3, 2],
  ])
})

test('a run that is under way has no length yet', () => {
  const [run] = runsOf([step(1, 'evidence_collected', 1, 2), step(1, 'published', 2, null, 'running')])
  expect(run?.seconds).toBeNull()
})

test('before the first run there is the reception alone', () => {
  expect(runsOf([step(0, 'alert_received', 0, 0)])).toHaveLength(1)
  expect(runsOf([])).toEqual([])
})

test('a running step counts up to now', () => {
  expect(stepSeconds(step(1, 'published', 2, null, 'running'), 5_000)).toBe(3)
  expect(stepSeconds(step(1, 'published', null, null, 'pending'), 5_000)).toBeNull()
})

const over = [step(1, 'evidence_collected', 1, 2), step(1, 'published', 2, 3)]
const failed = [step(2, 'evidence_collected', 4, 5, 'failed'), step(2, 'published', null, 5, 'skipped')]

test.each([
  ['a step runs', [step(1, 'evidence_collected', 1, null, 'running')], 0, true],
  ['a step waits', [step(1, 'evidence_collected', 1, 2), step(1, 'published', null, null, 'pending')], 0, true],
  ['the run is published', over, 0, false],
  ['the run that was asked for has not begun', over, 1, true],
  ['the run that was asked for is published', [...over, step(2, 'published', 5, 6)], 1, false],
  ['the run that was asked for has failed', [...over, ...failed], 1, false],
  ['the first run has not begun', [step(0, 'alert_received', 0, 0)], 0, true],
  ['the incident was opened by hand', [], 0, true],
])('where %s, whether an analysis is under way is known', (_, steps, last, isSo) => {
  expect(isUnderWay(steps, { since: 0, last }, 10_000)).toBe(isSo)
})

test('a run that does not begin is not waited for long', () => {
  expect(isUnderWay([], { since: 0, last: 0 }, 200_000)).toBe(false)
})
