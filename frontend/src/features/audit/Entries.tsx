import { Text } from '@mantine/core'
import { keepPreviousData } from '@tanstack/react-query'
import { api, byCursor, download } from '@/api'
import { text } from '@/text'
import { EmptyState, ErrorState, ExportMenu, LoadMore, Panel, RowsSkeleton } from '@/ui'
import classes from './audit.module.css'
import { Entry } from './Entry'
import { Filters } from './Filters'
import { filtersOf, isNarrowed } from './search'
import { useAuditSearch } from './useAuditSearch'

const words = text.audit
const PATHS = { changes: '/audit/changes', calls: '/audit/calls', all: '/audit' } as const
const FORMATS = ['csv', 'jsonl'] as const

/** Calls and changes that match, the newest first. */
export default function Entries() {
  const { search } = useAuditSearch()
  const kind = search.kind ?? 'changes'
  const init = { params: { query: { ...filtersOf(search), limit: 50 } } }
  const found = api.useInfiniteQuery('get', PATHS[kind], init, { ...byCursor, placeholderData: keepPreviousData })
  const { data, error, isError, isPending, refetch, hasNextPage } = found
  const entries = data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <>
      <Filters>
        <Export />
      </Filters>
      {isPending && <RowsSkeleton />}
      {isError && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data && entries.length === 0 && !hasNextPage && (
        <EmptyState {...(isNarrowed(search) ? words.none : words.empty)} />
      )}
      {data && (entries.length > 0 || hasNextPage) && (
        <Panel heading={words.filters.kinds[kind]} about={search.from ? '' : words.lastDays} isFlush>
          {entries.length === 0 && (
            <Text size="sm" c="dimmed" p={16}>
              {words.noneSoFar}
            </Text>
          )}
          <ul className={classes.entries}>
            {entries.map((entry) => (
              <Entry key={entry.kind === 'change' ? entry.id : `${entry.request_id}${entry.at}`} entry={entry} />
            ))}
          </ul>
          <LoadMore pages={found} />
        </Panel>
      )}
    </>
  )
}

function Export() {
  const { search } = useAuditSearch()
  const kinds = search.kind === 'all' ? (['changes', 'calls'] as const) : ([search.kind ?? 'changes'] as const)
  const files = kinds.flatMap((kind) =>
    FORMATS.map((format) => ({
      name: words.exportAs(words.filters.kinds[kind], words.formats[format]),
      save: () => download('/audit/export', { ...filtersOf(search), kind, format }, `audit-${kind}.${format}`),
    })),
  )
  return <ExportMenu label={words.export} files={files} />
}
