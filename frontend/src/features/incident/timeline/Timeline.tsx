import { Button, Text, Title } from '@mantine/core'
import { api } from '@/api'
import { useMay } from '@/app/me'
import { text } from '@/text'
import { ErrorState, RowsSkeleton } from '@/ui'
import type { Incident } from '../incident'
import classes from '../incident.module.css'
import { useMembers } from '../members'
import { useReadOn } from '../useReadOn'
import { CommentForm } from './CommentForm'
import { entriesOf } from './entries'
import { TimelineEntry } from './TimelineEntry'

const words = text.timeline
const PAGE = 200
const MOST = 10 // pages that are read without being asked for

/** What happened, newest first, and what people say about it. */
export default function Timeline({ incident }: { incident: Incident }) {
  const mayWrite = useMay('incident:write')
  const { nameOf } = useMembers()
  const init = { params: { path: { incident_id: incident.id }, query: { limit: PAGE } } }
  const paging = {
    pageParamName: 'cursor',
    initialPageParam: null,
    getNextPageParam: (page: { next_cursor?: string | null }) => page.next_cursor ?? undefined,
  }
  const events = api.useInfiniteQuery('get', '/incidents/{incident_id}/timeline', init, paging)
  const comments = api.useInfiniteQuery('get', '/incidents/{incident_id}/comments', init, paging)
  useReadOn(events, events.data?.pages.length ?? 0, MOST)
  useReadOn(comments, comments.data?.pages.length ?? 0, Number.POSITIVE_INFINITY)
  const error = events.error ?? comments.error
  const happened = events.data?.pages.flatMap(({ items }) => items)
  const said = comments.data?.pages.flatMap(({ items }) => items)
  const isWhole = happened !== undefined && said !== undefined
  const entries = entriesOf(happened ?? [], said ?? [])
  return (
    <section aria-labelledby="timeline-heading" className={classes.part}>
      <Title order={2} id="timeline-heading" className="visually-hidden">
        {words.heading}
      </Title>
      {mayWrite && <CommentForm incident={incident} />}
      {error && !isWhole ? (
        <ErrorState
          error={error}
          onRetry={() => {
            void events.refetch()
            void comments.refetch()
          }}
        />
      ) : !isWhole ? (
        <RowsSkeleton rows={6} height={36} />
      ) : (
        <>
          {events.hasNextPage && (
            <div className={classes.later}>
              <Text size="sm" c="dimmed">
                {words.later}
              </Text>
              <Button
                variant="default"
                size="xs"
                loading={events.isFetchingNextPage}
                onClick={() => void events.fetchNextPage()}
              >
                {text.common.loadMore}
              </Button>
            </div>
          )}
          {entries.length === 0 && (
            <Text size="sm" c="dimmed">
              {words.empty}
            </Text>
          )}
          <ol className={classes.entries}>
            {entries.map((entry) => (
              <TimelineEntry key={entry.id} entry={entry} incident={incident} nameOf={nameOf} />
            ))}
          </ol>
        </>
      )}
    </section>
  )
}
