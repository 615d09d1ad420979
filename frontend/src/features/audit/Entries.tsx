import { Button, Menu, Text } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { keepPreviousData } from '@tanstack/react-query'
import { useState } from 'react'
import { api, byCursor, download } from '@/api'
import { text } from '@/text'
import { EmptyState, ErrorState, LoadMore, notifyError, Panel, RowsSkeleton } from '@/ui'
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
  const [isBusy, setBusy] = useState(false)
  const kinds = search.kind === 'all' ? (['changes', 'calls'] as const) : ([search.kind ?? 'changes'] as const)
  const save = async (kind: 'changes' | 'calls', format: (typeof FORMATS)[number]) => {
    setBusy(true)
    try {
      await download('/audit/export', { ...filtersOf(search), kind, format }, `audit-${kind}.${format}`)
    } catch (error) {
      notifyError(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          size="xs"
          loading={isBusy}
          leftSection={<IconDownload size={14} aria-hidden="true" />}
        >
          {words.export}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {kinds.flatMap((kind) =>
          FORMATS.map((format) => (
            <Menu.Item key={`${kind}${format}`} onClick={() => void save(kind, format)}>
              {words.exportAs(words.filters.kinds[kind], words.formats[format])}
            </Menu.Item>
          )),
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
