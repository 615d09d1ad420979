import { Select } from '@mantine/core'
import { api, download, type Model } from '@/api'
import { useMe } from '@/app/me'
import { text } from '@/text'
import { EmptyState, ErrorState, ExportMenu, Panel, RowsSkeleton } from '@/ui'
import classes from './analytics.module.css'
import { Budget } from './Budget'
import { Figure } from './Figure'
import { FigureTable } from './FigureTable'
import { compact, count, dayName, dollars, lastingMs, percent } from './numbers'
import { Shares } from './Shares'
import { daysOf } from './search'
import { Tiles } from './Tiles'
import { Toolbar } from './Toolbar'
import { useAnalyticsSearch } from './useAnalyticsSearch'

const words = text.analytics.ai
type Usage = Model<'UsageOut'>
type ModelUsage = Usage['by_model'][number]

const TABLES = ['days', 'models'] as const
const COLORS = ['var(--good)', 'var(--teal)', 'var(--medium)', 'var(--high)', 'var(--critical)', 'var(--info)']

/** What the language model was asked, what that cost, and what is left of the budget. */
export default function AiFigures() {
  const { search } = useAnalyticsSearch()
  const query = { days: daysOf(search), ...(search.project ? { project_id: search.project } : {}) }
  const { data, error, isError, isPending, refetch } = api.useQuery('get', '/analytics/ai', { params: { query } })
  const save = (of: (typeof TABLES)[number]) => download('/analytics/ai/export', { ...query, of }, `ai-${of}.csv`)
  return (
    <>
      <Toolbar withDates={false}>
        <Projects />
        <ExportMenu
          label={text.analytics.export}
          files={TABLES.map((of) => ({ name: words.tables[of], save: () => save(of) }))}
        />
      </Toolbar>
      <Budget />
      {isPending && <RowsSkeleton />}
      {isError && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data && (data.calls + data.calls_avoided === 0 ? <EmptyState {...words.empty} /> : <Shown usage={data} />)}
    </>
  )
}

/** Whose use it is, for whoever is in several projects. */
function Projects() {
  const { search, change } = useAnalyticsSearch()
  const me = useMe()
  const projects = api.useQuery('get', '/projects').data?.items ?? []
  if (projects.length < 2) return null
  return (
    <Select
      size="xs"
      aria-label={words.project}
      data={projects.map(({ id, name }) => ({ value: id, label: name }))}
      value={search.project ?? me.project_id}
      onChange={(project) => change({ project: project && project !== me.project_id ? project : undefined })}
      allowDeselect={false}
      w={170}
    />
  )
}

function Shown({ usage }: { usage: Usage }) {
  const rows = usage.by_day.map((one) => ({
    day: dayName(one.day),
    cost: one.cost_usd,
    fresh: one.input_tokens - one.cached_tokens,
    cached: one.cached_tokens,
    output: one.output_tokens,
    median: one.latency_p50_ms,
    slow: one.latency_p95_ms,
  }))
  const day = { name: 'day', label: words.day }
  return (
    <>
      <Tiles
        tiles={[
          { label: words.cost, value: dollars(usage.cost_usd), beside: words.perCall(perCall(usage)) },
          { label: words.calls, value: count(usage.calls), beside: words.avoided(count(usage.calls_avoided)) },
          { label: words.hitRate, value: percent(usage.cache_hit_rate), beside: words.hitRateAbout },
          {
            label: words.tokens,
            value: compact(usage.input_tokens + usage.output_tokens),
            beside: words.eachWay(compact(usage.input_tokens), compact(usage.output_tokens)),
          },
          {
            label: words.latency,
            value: lastingMs(usage.latency_p50_ms),
            beside: words.p95(lastingMs(usage.latency_p95_ms)),
          },
        ]}
      />
      <div className={classes.columns}>
        <Figure
          heading={words.costByDay}
          kind="bars"
          rows={rows}
          along={day}
          lines={[{ name: 'cost', label: words.cost, color: 'var(--accent)' }]}
          says={dollars}
        />
        <Figure
          heading={words.tokensByDay}
          kind="bars"
          rows={rows}
          along={day}
          lines={[
            { name: 'fresh', label: words.input, color: 'var(--low)' },
            { name: 'cached', label: words.cached, color: 'var(--teal)' },
            { name: 'output', label: words.output, color: 'var(--violet)' },
          ]}
          says={compact}
        />
        <Figure
          heading={words.latencyByDay}
          kind="lines"
          rows={rows}
          along={day}
          lines={[
            { name: 'median', label: words.p50Short, color: 'var(--accent)' },
            { name: 'slow', label: words.p95Short, color: 'var(--high)' },
          ]}
          says={lastingMs}
        />
        <FigureTable
          heading={words.byModel}
          empty={words.noCalls}
          rows={usage.by_model}
          keyOf={({ model }) => model}
          weight={({ cost_usd }) => cost_usd}
          columns={MODEL}
        />
        <Panel heading={words.outcomes}>
          <Shares
            parts={Object.entries(usage.outcomes)
              .sort(([, one], [, other]) => other - one)
              .map(([name, value], index) => ({
                name,
                label: words.outcome(name),
                value,
                color: COLORS[index % COLORS.length] ?? 'var(--info)',
              }))}
          />
        </Panel>
      </div>
    </>
  )
}

const perCall = ({ calls, cost_usd }: Usage) => dollars(calls === 0 ? 0 : cost_usd / calls)

const MODEL = [
  { label: words.model, cell: ({ model }: ModelUsage) => model },
  { label: words.calls, cell: ({ calls }: ModelUsage) => count(calls) },
  { label: words.tokens, cell: (one: ModelUsage) => compact(one.input_tokens + one.output_tokens) },
  { label: words.cost, cell: ({ cost_usd }: ModelUsage) => dollars(cost_usd) },
  { label: words.p50Short, cell: (one: ModelUsage) => lastingMs(one.latency_p50_ms), isSecondary: true },
  { label: words.p95Short, cell: (one: ModelUsage) => lastingMs(one.latency_p95_ms), isSecondary: true },
]
