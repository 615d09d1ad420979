import { Alert, Anchor, Button, Group } from '@mantine/core'
import { IconSend } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { api, byCursor, lookAgain, type Model } from '@/api'
import { text } from '@/text'
import { EmptyState, ErrorState, LoadMore, notifyError, RowsSkeleton, SidePanel, TimeAgo } from '@/ui'
import classes from '../settings.module.css'

const words = text.channels
type Delivery = Model<'DeliveryOut'>
type Props = { channel: Model<'ChannelOut'>; mayTest: boolean; onClose: () => void }

/** What a channel was told and how that went, and a way to try it. */
export function Deliveries({ channel, mayTest, onClose }: Props) {
  const path = { channel_id: channel.id }
  const log = api.useInfiniteQuery(
    'get',
    '/notification-channels/{channel_id}/deliveries',
    { params: { path, query: { limit: 30 } } },
    byCursor,
  )
  const test = api.useMutation('post', '/notification-channels/{channel_id}/test', {
    onSettled: () => lookAgain('/notification-channels/{channel_id}/deliveries'),
    onError: notifyError,
  })
  const found = log.data?.pages.flatMap(({ items }) => items) ?? []
  return (
    <SidePanel heading={words.logOf(channel.name)} onClose={onClose} width={480}>
      {mayTest && (
        <Group mb={12}>
          <Button
            variant="default"
            leftSection={<IconSend size={14} />}
            loading={test.isPending}
            onClick={() => test.mutate({ params: { path } })}
          >
            {words.test}
          </Button>
        </Group>
      )}
      {test.data && (
        <Alert variant="light" mb={12} color={test.data.status === 'sent' ? 'teal' : 'red'} role="status">
          {test.data.status === 'sent' ? words.testSent : test.data.error}
        </Alert>
      )}
      {log.isPending && <RowsSkeleton rows={5} />}
      {log.isError && <ErrorState error={log.error} onRetry={() => log.refetch()} />}
      {log.isSuccess && found.length === 0 && <EmptyState {...words.noneYet} />}
      <ul className={classes.deliveries}>
        {found.map((delivery) => (
          <Entry key={delivery.id} delivery={delivery} />
        ))}
      </ul>
      <LoadMore pages={log} />
    </SidePanel>
  )
}

function Entry({ delivery }: { delivery: Delivery }) {
  const { status, event_type, incident_id, attempts, response_code, error, created_at, due_at } = delivery
  const topics: Record<string, string> = words.topics
  return (
    <li>
      <span className={classes.delivered} data-status={status}>
        {words.statuses[status]}
      </span>{' '}
      {incident_id ? (
        <Anchor size="sm" renderRoot={(props) => <Link to="/incidents/$id" params={{ id: incident_id }} {...props} />}>
          {topics[event_type] ?? event_type}
        </Anchor>
      ) : (
        (topics[event_type] ?? event_type)
      )}{' '}
      <TimeAgo at={created_at} />
      <span className={classes.sub}>
        {words.attempts(attempts)}
        {response_code !== null && ` · ${words.answered(response_code)}`}
        {error && ` · ${error}`}
        {status === 'failed' && due_at && (
          <>
            {` · ${words.again} `}
            <TimeAgo at={due_at} />
          </>
        )}
      </span>
    </li>
  )
}
