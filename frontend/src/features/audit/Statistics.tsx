import { Alert, Group } from '@mantine/core'
import { api, type Model } from '@/api'
import { text } from '@/text'
import { DataTable, EmptyState, ErrorState, Panel, RowsSkeleton, Sparkline } from '@/ui'
import classes from './audit.module.css'
import { Days } from './Filters'
import { useAuditSearch } from './useAuditSearch'
import { actionName } from './values'

const words = text.audit.stats
type Totals = Pick<Model<'StatsOut'>, 'calls' | 'refused' | 'failed' | 'changes'>
const MEASURES = ['calls', 'refused', 'failed', 'changes'] as const
const SECONDARY: ReadonlySet<string> = new Set(['refused', 'failed'])

/** Who did how much, what was refused, and what somebody did for the first time. */
export default function Statistics() {
  const { search } = useAuditSearch()
  const { from, to } = search
  const query = { ...(from ? { from } : {}), ...(to ? { to } : {}) }
  const { data, error, isError, isPending, refetch } = api.useQuery('get', '/audit/stats', { params: { query } })
  return (
    <>
      <Group mb={16}>
        <Days />
      </Group>
      {isPending && <RowsSkeleton />}
      {isError && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data && (data.calls + data.changes === 0 ? <EmptyState {...text.audit.none} /> : <Shown stats={data} />)}
    </>
  )
}

function Shown({ stats }: { stats: Model<'StatsOut'> }) {
  return (
    <>
      {!stats.is_whole && (
        <Alert color="yellow" variant="light" mb={16}>
          {words.partial}
        </Alert>
      )}
      <dl className={classes.totals}>
        {MEASURES.map((name) => (
          <div key={name}>
            <dt>{words[name]}</dt>
            <dd>{stats[name].toLocaleString('en')}</dd>
            <dd>
              <Sparkline values={stats.by_day.map((day) => day[name])} label={words.byDay(words[name])} height={24} />
            </dd>
          </div>
        ))}
      </dl>
      <Table
        heading={words.byPerson}
        first={words.person}
        rows={stats.by_person.map((one) => ({
          ...one,
          name: one.actor.name || text.audit.entry.actors[one.actor.kind],
        }))}
      />
      <Table
        heading={words.byAction}
        first={words.action}
        rows={stats.by_action.map((one) => ({ ...one, name: actionName(one.action) }))}
      />
      {stats.first_times.length > 0 && (
        <Panel heading={words.firstTimes} about={words.firstTimesAbout} isFlush>
          <DataTable
            label={words.firstTimes}
            columns={[{ label: words.person }, { label: words.action }, { label: words.day }]}
          >
            {stats.first_times.map(({ actor, action, day }) => (
              <tr key={`${actor.id}${action}${day}`}>
                <td>{actor.name || text.audit.entry.actors[actor.kind]}</td>
                <td>{actionName(action)}</td>
                <td className="tabular">{day}</td>
              </tr>
            ))}
          </DataTable>
        </Panel>
      )}
    </>
  )
}

function Table({ heading, first, rows }: { heading: string; first: string; rows: (Totals & { name: string })[] }) {
  return (
    <Panel heading={heading} isFlush>
      <DataTable
        label={heading}
        columns={[
          { label: first },
          ...MEASURES.map((name) => ({ label: words[name], isSecondary: SECONDARY.has(name) })),
        ]}
      >
        {rows.map((row) => (
          <tr key={row.name}>
            <td className={classes.named}>{row.name}</td>
            {MEASURES.map((name) => (
              <td key={name} className="tabular" data-secondary={SECONDARY.has(name)}>
                {row[name].toLocaleString('en')}
              </td>
            ))}
          </tr>
        ))}
      </DataTable>
    </Panel>
  )
}
