import { Button } from '@mantine/core'
import { keepPreviousData } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api, download, type Model } from '@/api'
import { text } from '@/text'
import { EmptyState, ErrorState, ExportMenu, Panel, RowsSkeleton, SeverityBadge, type State } from '@/ui'
import classes from './analytics.module.css'
import { Figure } from './Figure'
import { FigureTable } from './FigureTable'
import { Noise } from './Noise'
import { compact, count, dayName, lasting } from './numbers'
import { Shares } from './Shares'
import { rangeOf } from './search'
import { Tiles } from './Tiles'
import { IncidentFilters, Toolbar } from './Toolbar'
import { useAnalyticsSearch } from './useAnalyticsSearch'

const words = text.analytics.incidents
type Figures = Model<'FiguresOut'>

const TABLES = ['trend', 'services', 'alerts', 'people'] as const
const STATES: readonly [State, string][] = [
  ['detected', 'var(--critical)'],
  ['acknowledged', 'var(--medium)'],
  ['investigating', 'var(--violet)'],
  ['mitigated', 'var(--teal)'],
  ['resolved', 'var(--good)'],
  ['learned', 'var(--low)'],
  ['inconclusive', 'var(--info)'],
]

/** How many incidents, how fast people were, how noisy it was. */
export default function IncidentFigures() {
  const { search } = useAnalyticsSearch()
  const { service, severity, person } = search
  const query = {
    ...rangeOf(search, new Date()),
    ...(service ? { service } : {}),
    ...(severity ? { severity } : {}),
    ...(person ? { person } : {}),
    tz: Intl.DateTimeFormat().resolvedOptions().timeZone,
  }
  const { data, error, isError, isPending, refetch } = api.useQuery(
    'get',
    '/analytics/incidents',
    { params: { query } },
    { placeholderData: keepPreviousData },
  )
  const save = (of: (typeof TABLES)[number]) =>
    download('/analytics/incidents/export', { ...query, of }, `incidents-${of}.csv`)
  return (
    <>
      <Toolbar>
        <IncidentFilters />
        <ExportMenu
          label={text.analytics.export}
          files={TABLES.map((of) => ({ name: words.tables[of], save: () => save(of) }))}
        />
      </Toolbar>
      {isPending && <RowsSkeleton />}
      {isError && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data && (data.incidents === 0 ? <Nothing /> : <Shown figures={data} />)}
    </>
  )
}

function Nothing() {
  const { search, change } = useAnalyticsSearch()
  const isNarrowed = search.service ?? search.severity ?? search.person
  return isNarrowed ? (
    <EmptyState {...words.none}>
      <Button variant="default" onClick={() => change({ service: undefined, severity: undefined, person: undefined })}>
        {words.clear}
      </Button>
    </EmptyState>
  ) : (
    <EmptyState {...words.empty}>
      <Button variant="default" renderRoot={(props) => <Link to="/integrations" {...props} />}>
        {words.connect}
      </Button>
    </EmptyState>
  )
}

function Shown({ figures }: { figures: Figures }) {
  const trend = figures.trend.map((one) => ({
    day: dayName(one.starts_at),
    incidents: one.incidents,
    acknowledge: one.time_to_acknowledge.mean_seconds,
    resolve: one.time_to_resolve.mean_seconds,
  }))
  const day = { name: 'day', label: words.day }
  return (
    <>
      <Tiles tiles={tilesOf(figures)} />
      <div className={classes.columns}>
        <Figure
          heading={words.byDay}
          kind="bars"
          rows={trend}
          along={day}
          lines={[{ name: 'incidents', label: words.count, color: 'var(--accent)' }]}
          says={count}
        />
        <Figure
          heading={words.times}
          kind="lines"
          rows={trend}
          along={day}
          lines={[
            { name: 'acknowledge', label: words.toAcknowledge, color: 'var(--medium)' },
            { name: 'resolve', label: words.toResolve, color: 'var(--good)' },
          ]}
          says={lasting}
        />
        <Panel heading={words.byState}>
          <Shares
            parts={STATES.map(([name, color]) => ({
              name,
              label: text.common.state[name],
              value: figures.by_state[name] ?? 0,
              color,
            }))}
          />
        </Panel>
        <FigureTable
          heading={words.bySeverity}
          empty={words.nobody}
          rows={figures.by_severity}
          keyOf={({ severity }) => severity}
          columns={[{ label: words.severity, cell: ({ severity }) => <SeverityBadge severity={severity} /> }, ...GROUP]}
        />
      </div>
      <div className={classes.columns}>
        <FigureTable
          heading={words.byService}
          about={words.leaders}
          empty={words.nobody}
          rows={figures.services}
          keyOf={({ service }) => service}
          weight={({ incidents }) => incidents}
          columns={[{ label: words.service, cell: ({ service }) => service || words.noService }, ...GROUP]}
        />
        <FigureTable
          heading={words.byPerson}
          about={words.presence}
          empty={words.nobody}
          rows={figures.people}
          keyOf={({ person_id }) => person_id}
          weight={({ seconds }) => seconds}
          columns={[
            { label: words.person, cell: ({ name }) => name },
            { label: words.count, cell: ({ incidents }) => count(incidents) },
            { label: words.acknowledged, cell: ({ acknowledged }) => count(acknowledged), isSecondary: true },
            { label: words.resolved, cell: ({ resolved }) => count(resolved), isSecondary: true },
            { label: words.present, cell: ({ seconds }) => lasting(seconds) },
          ]}
        />
      </div>
      <Noise figures={figures} />
    </>
  )
}

type Group = Pick<Model<'SeverityOut'>, 'incidents' | 'open' | 'time_to_acknowledge' | 'time_to_resolve'>

const GROUP = [
  { label: words.count, cell: ({ incidents }: Group) => count(incidents) },
  { label: words.open, cell: ({ open }: Group) => count(open), isSecondary: true },
  { label: words.mtta, cell: ({ time_to_acknowledge }: Group) => lasting(time_to_acknowledge.mean_seconds) },
  { label: words.mttr, cell: ({ time_to_resolve }: Group) => lasting(time_to_resolve.mean_seconds) },
]

function tilesOf(figures: Figures) {
  const spread = (label: string, one: Figures['time_to_acknowledge']) => ({
    label,
    value: lasting(one.mean_seconds),
    beside: words.spread(lasting(one.p50_seconds), lasting(one.p90_seconds)),
  })
  return [
    { label: words.count, value: compact(figures.incidents), beside: words.stillOpen(count(figures.open)) },
    spread(words.mttaLong, figures.time_to_acknowledge),
    spread(words.mttmLong, figures.time_to_mitigate),
    spread(words.mttrLong, figures.time_to_resolve),
    {
      label: words.present,
      value: lasting(figures.people_seconds),
      beside: words.byMachine(count(figures.resolved_by_machine)),
    },
  ]
}
