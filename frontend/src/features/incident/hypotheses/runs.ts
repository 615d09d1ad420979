import type { Model } from '@/api'

export type Step = Model<'StepOut'>
export type Run = { number: number; steps: Step[]; seconds: number | null }

/**
 * The runs of an analysis, newest first, each with its steps in order. What was there before the first run, the
 * reception of the alert, belongs to every run. `seconds` from the first begin to the last end; null while it runs.
 */
export function runsOf(steps: readonly Step[]): Run[] {
  const received = steps.filter(isReception)
  const numbers = [...new Set(steps.filter((step) => !isReception(step)).map((step) => step.run))].sort((a, b) => b - a)
  if (numbers.length === 0) return received.length === 0 ? [] : [{ number: 0, steps: received, seconds: null }]
  return numbers.map((number) => {
    const own = steps.filter((step) => step.run === number && !isReception(step))
    return { number, steps: [...received, ...own], seconds: secondsOf(own) }
  })
}

/** How long a step took, or has been taking at `now` (milliseconds); null where it has not begun. */
export function stepSeconds(step: Step, now: number): number | null {
  if (!step.started_at) return null
  const end = step.finished_at ? Date.parse(step.finished_at) : now
  return Math.max(0, (end - Date.parse(step.started_at)) / 1000)
}

const WAITED_FOR = 120_000 // milliseconds, after which a run that has not begun is not waited for any more

/** A run that is to begin: one after `last`, waited for since a time in milliseconds. */
export type Expected = { since: number; last: number }

/** Whether an analysis goes on at `now`, in milliseconds, or is to begin: then it is worth looking again soon. */
export function isUnderWay(steps: readonly Step[], expected: Expected, now: number): boolean {
  const newest = runsOf(steps)[0]
  if (newest?.steps.some(({ status }) => status === 'running' || status === 'pending')) return true
  return newestRun(steps) <= expected.last && now - expected.since < WAITED_FOR
}

/** The number of the newest run; 0 before the first. */
export const newestRun = (steps: readonly Step[]): number => runsOf(steps)[0]?.number ?? 0

const isReception = (step: Step) => step.step_type === 'alert_received'

function secondsOf(steps: readonly Step[]): number | null {
  const begins = steps.flatMap((step) => (step.started_at ? [Date.parse(step.started_at)] : []))
  const ends = steps.flatMap((step) => (step.finished_at ? [Date.parse(step.finished_at)] : []))
  if (begins.length === 0 || steps.some((step) => step.status === 'running' || step.status === 'pending')) return null
  return (Math.max(...ends) - Math.min(...begins)) / 1000
}
