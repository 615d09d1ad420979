import { Badge, Button, Group } from '@mantine/core'
import { IconBell, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { api, byCursor, lookAgain, type Model } from '@/api'
import { useMay } from '@/app/me'
import { text } from '@/text'
import {
  ConfirmButton,
  DataTable,
  EmptyState,
  ErrorState,
  LoadMore,
  notifyDone,
  notifyError,
  Panel,
  RowsSkeleton,
  SeverityBadge,
} from '@/ui'
import classes from '../settings.module.css'
import { ChannelForm } from './ChannelForm'
import { Deliveries } from './Deliveries'

const words = text.channels
type Channel = Model<'ChannelOut'>
type Dialog = { kind: 'new' } | { kind: 'edit' | 'log'; channel: Channel }

/** Whom the project tells, of what. */
export function ChannelsTab() {
  const may = useMay('notification:write')
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const channels = api.useInfiniteQuery('get', '/notification-channels', { params: { query: { limit: 50 } } }, byCursor)
  const found = channels.data?.pages.flatMap(({ items }) => items) ?? []
  const close = () => setDialog(null)
  return (
    <>
      <Panel
        heading={words.heading}
        about={words.about}
        isFlush
        actions={
          may && (
            <Button leftSection={<IconPlus size={15} />} onClick={() => setDialog({ kind: 'new' })}>
              {words.add}
            </Button>
          )
        }
      >
        {channels.isPending && <RowsSkeleton rows={3} />}
        {channels.isError && <ErrorState error={channels.error} onRetry={() => channels.refetch()} />}
        {channels.isSuccess && found.length === 0 && (
          <EmptyState {...words.empty} icon={<IconBell size={22} stroke={1.6} />} />
        )}
        {found.length > 0 && (
          <DataTable label={words.heading} columns={COLUMNS}>
            {found.map((channel) => (
              <Row
                key={channel.id}
                channel={channel}
                mayChange={may}
                onEdit={() => setDialog({ kind: 'edit', channel })}
                onLog={() => setDialog({ kind: 'log', channel })}
              />
            ))}
          </DataTable>
        )}
        <LoadMore pages={channels} />
      </Panel>
      {dialog?.kind === 'new' && <ChannelForm onClose={close} />}
      {dialog?.kind === 'edit' && <ChannelForm channel={dialog.channel} onClose={close} />}
      {dialog?.kind === 'log' && <Deliveries channel={dialog.channel} mayTest={may} onClose={close} />}
    </>
  )
}

const COLUMNS = [
  { label: words.name },
  { label: words.events, isSecondary: true },
  { label: words.severity, isSecondary: true },
  { label: text.common.actions, isQuiet: true },
]

type RowProps = { channel: Channel; mayChange: boolean; onEdit: () => void; onLog: () => void }

function Row({ channel, mayChange, onEdit, onLog }: RowProps) {
  const remove = api.useMutation('delete', '/notification-channels/{channel_id}', {
    onSuccess: async () => {
      await lookAgain('/notification-channels')
      notifyDone(words.removed)
    },
    onError: notifyError,
  })
  const { id, name, kind, destination, events, min_severity, enabled } = channel
  return (
    <tr>
      <td>
        <span className={classes.strong}>{name}</span>{' '}
        {!enabled && (
          <Badge variant="default" radius="sm" tt="none" size="sm">
            {words.off}
          </Badge>
        )}
        <span className={classes.sub}>
          {words.kinds[kind].name} · {destination}
        </span>
      </td>
      <td data-secondary>{events.map((event) => words.topics[event]).join(', ')}</td>
      <td data-secondary>
        <SeverityBadge severity={min_severity} />
      </td>
      <td>
        <Group gap={6} justify="flex-end" wrap="nowrap">
          <Button size="xs" variant="default" onClick={onLog} aria-label={words.logButton(name)}>
            {words.log}
          </Button>
          {mayChange && (
            <>
              <Button size="xs" variant="default" onClick={onEdit} aria-label={words.editOf(name)}>
                {text.common.edit}
              </Button>
              <ConfirmButton
                size="xs"
                sure={words.removeSure}
                aria-label={words.removeOf(name)}
                loading={remove.isPending}
                onConfirm={() => remove.mutate({ params: { path: { channel_id: id } } })}
              >
                {text.common.remove}
              </ConfirmButton>
            </>
          )}
        </Group>
      </td>
    </tr>
  )
}
