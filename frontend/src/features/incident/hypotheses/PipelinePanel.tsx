import { Alert, Anchor, Group, Select, Text, Title } from '@mantine/core'
import { useInterval } from '@mantine/hooks'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { api } from '@/api'
import { text } from '@/text'
import { duration, ErrorState, RowsSkeleton } from '@/ui'
import { factsOf, gapsOf, modelNote } from './details'
import classes from './hypotheses.module.css'
import { type Expected, isUnderWay, type Run, runsOf, type Step, stepSeconds } from './runs'

const words = text.pipeline
const TICK = 500 // milliseconds
const LOOK = 2_500 // milliseconds between two looks at an analysis that goes on

/** How the analysis went or goes: each phase of the newest run, or of one that is chosen. */
export function PipelinePanel({ incidentId, expected }: { incidentId: string; expected: Expected }) {
  const params = { path: { incident_id: incidentId } }
  const found = api.useQuery(
    'get',
    '/incidents/{incident_id}/workflow',
    { params },
    {
      // Phases are over within seconds and no event tells of each.
      refetchInterval: ({ state }) => isUnderWay(state.data?.items ?? [], expected, Date.now()) && LOOK,
    },
  )
  const [chosen, choose] = useState<string | null>(null)
  if (found.isPending) return <RowsSkeleton rows={5} height={28} />
  if (!found.data) return <ErrorState error={found.error} onRetry={() => found.refetch()} />
  const runs = runsOf(found.data.items)
  const run = runs.find(({ number }) => String(number) === chosen) ?? runs[0]
  const { analysed_incident_id: leader, analysed_reference: reference } = found.data
  return (
    <section className={classes.panel} aria-labelledby="analysis-heading">
      <Group justify="space-between" gap={8}>
        <Title order={2} id="analysis-heading">
          {words.heading}
        </Title>
        {runs.length > 1 && run && (
          <Select
            size="xs"
            w={130}
            aria-label={words.whichRun}
            value={String(run.number)}
            onChange={choose}
            data={runs.map(({ number }) => ({ value: String(number), label: words.run(number) }))}
          />
        )}
      </Group>
      {leader !== incidentId && (
        <Anchor size="xs" renderRoot={(props) => <Link to="/incidents/$id" params={{ id: leader }} {...props} />}>
          {words.sharedWith(reference)}
        </Anchor>
      )}
      {run ? (
        <Steps run={run} />
      ) : (
        <Text size="sm" c="dimmed">
          {words.empty}
        </Text>
      )}
    </section>
  )
}

function Steps({ run }: { run: Run }) {
  const now = useNow(run.steps.some(({ status }) => status === 'running'))
  const note = modelNote(run.steps)
  const gaps = gapsOf(run.steps)
  return (
    <>
      <ol className={classes.steps}>
        {run.steps.map((step) => (
          <StepRow key={step.step_type} step={step} now={now} />
        ))}
      </ol>
      <Text size="xs" c="dimmed">
        {run.seconds !== null && words.total(duration(run.seconds))}
      </Text>
      {note && (
        <Text size="xs" c="dimmed">
          {note}
        </Text>
      )}
      {gaps.length > 0 && (
        <Alert variant="light" color="yellow" title={words.gaps} p="xs">
          <ul className={classes.gaps}>
            {gaps.map((gap) => (
              <li key={gap}>{gap}</li>
            ))}
          </ul>
        </Alert>
      )}
    </>
  )
}

function StepRow({ step, now }: { step: Step; now: number }) {
  const seconds = stepSeconds(step, now)
  const status = words.status[step.status] ?? step.status
  return (
    <li className={classes.step} data-status={step.status}>
      <span className={classes.stepDot} aria-hidden="true" />
      <span>
        {words.step[step.step_type] ?? step.step_type}
        <span className="visually-hidden">, {status}</span>
        <span className={classes.facts}>{factsOf(step)}</span>
      </span>
      <span className="tabular">{seconds !== null && step.step_type !== 'alert_received' && duration(seconds)}</span>
    </li>
  )
}

/** The present in milliseconds, which goes on while something runs. */
function useNow(runs: boolean): number {
  const [now, setNow] = useState(Date.now)
  const { start, stop } = useInterval(() => setNow(Date.now()), TICK)
  useEffect(() => {
    if (runs) start()
    return stop
  }, [runs, start, stop])
  return now
}
