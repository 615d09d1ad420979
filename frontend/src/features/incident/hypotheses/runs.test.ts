import { expect, test } from 'vitest'
import { runsOf, type Step, stepSeconds } from './runs'

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
