import { Alert, Button, Group, Popover, Select, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconHeartbeat, IconPencil, IconRefresh } from '@tabler/icons-react'
import { useState } from 'react'
import { api, ifMatch, lookAgain, type Model } from '@/api'
import { useMay } from '@/app/me'
import { text } from '@/text'
import {
  ConfirmButton,
  ErrorState,
  exactTime,
  Facts,
  notifyDone,
  notifyError,
  RowsSkeleton,
  SidePanel,
  TimeAgo,
  tellRefusal,
} from '@/ui'
import { HealthStrip } from './HealthStrip'
import { IntegrationForm } from './IntegrationForm'
import { type Integration, STALE } from './integrations'
import { Setup } from './Setup'

const words = text.integrations

type Props = { id: string; onClose: () => void; onToken: (made: Model<'IntegrationTokenOut'>) => void }

/** An integration: what to paste, its health, and its token's life. */
export function IntegrationDrawer({ id, onClose, onToken }: Props) {
  const params = { path: { integration_id: id } }
  const found = api.useQuery('get', '/integrations/{integration_id}', { params })
  return (
    <SidePanel heading={found.data?.name ?? words.heading} onClose={onClose} width={560}>
      {found.isPending && <RowsSkeleton rows={4} />}
      {found.isError && <ErrorState error={found.error} onRetry={() => found.refetch()} />}
      {found.data && <Details integration={found.data} onClose={onClose} onToken={onToken} />}
    </SidePanel>
  )
}

function Details({ integration, onClose, onToken }: Omit<Props, 'id'> & { integration: Integration }) {
  const may = useMay('integration:write')
  const [isEditing, setEditing] = useState(false)
  const isOver = integration.revoked_at !== null
  const revoke = api.useMutation('delete', '/integrations/{integration_id}', {
    onSuccess: async () => {
      await lookAgain(...STALE)
      notifyDone(words.revokedDone)
      onClose()
    },
    onError: notifyError,
  })
  return (
    <Stack gap={22}>
      {integration.revoked_at && (
        <Alert color="gray" variant="light">
          {words.revokedAt(exactTime(Date.parse(integration.revoked_at)))}
        </Alert>
      )}
      {integration.previous_token_until && Date.parse(integration.previous_token_until) > Date.now() && (
        <Alert variant="light">{words.previousUntil(exactTime(Date.parse(integration.previous_token_until)))}</Alert>
      )}
      <Facts>
        <dt>{words.kind}</dt>
        <dd>{words.kinds[integration.kind].name}</dd>
        <dt>{words.baseUrl}</dt>
        <dd>{integration.base_url ?? words.noBaseUrl}</dd>
        <dt>{words.auth}</dt>
        <dd>{integration.has_credentials ? words.hasCredentials : words.auths.none}</dd>
        <dt>{words.made}</dt>
        <dd>
          <TimeAgo at={integration.created_at} />
        </dd>
      </Facts>
      {integration.base_url && <Health integration={integration} mayTest={may && !isOver} />}
      {!isOver && <Setup integration={integration} />}
      {may && !isOver && (
        <Group gap={8}>
          <Button variant="default" leftSection={<IconPencil size={14} />} onClick={() => setEditing(true)}>
            {text.common.edit}
          </Button>
          <Rotate integration={integration} onToken={onToken} />
          <ConfirmButton
            sure={words.revokeSure}
            loading={revoke.isPending}
            onConfirm={() => revoke.mutate({ params: { path: { integration_id: integration.id } } })}
          >
            {words.revoke}
          </ConfirmButton>
        </Group>
      )}
      {isEditing && <IntegrationForm integration={integration} onClose={() => setEditing(false)} />}
    </Stack>
  )
}

function Health({ integration, mayTest }: { integration: Integration; mayTest: boolean }) {
  const test = api.useMutation('post', '/integrations/{integration_id}/test', {
    onSettled: () => lookAgain('/integrations/{integration_id}/checks'),
    onError: notifyError,
  })
  return (
    <section>
      <Group justify="space-between" mb={8}>
        <Title order={3}>{words.health}</Title>
        {mayTest && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconHeartbeat size={14} />}
            loading={test.isPending}
            onClick={() => test.mutate({ params: { path: { integration_id: integration.id } } })}
          >
            {words.test}
          </Button>
        )}
      </Group>
      <HealthStrip id={integration.id} most={48} />
      {test.data && (
        <Alert mt={10} p="xs" variant="light" color={test.data.ok ? 'teal' : 'red'} role="status">
          {test.data.ok ? words.answered(test.data.latency_ms) : test.data.detail}
        </Alert>
      )}
    </section>
  )
}

const HOUR = 3_600 // seconds
const GRACES = [0, HOUR, 24 * HOUR, 7 * 24 * HOUR]

function Rotate({ integration, onToken }: { integration: Integration; onToken: Props['onToken'] }) {
  const [isOpen, { toggle, close }] = useDisclosure(false)
  const [grace, setGrace] = useState(String(24 * HOUR))
  const rotate = api.useMutation('post', '/integrations/{integration_id}/rotate', {
    onSuccess: async (made) => {
      close()
      onToken(made)
      await lookAgain(...STALE)
    },
    onError: (error: unknown) => tellRefusal(error, ...STALE),
  })
  return (
    <Popover opened={isOpen} onChange={close} trapFocus returnFocus withArrow width={300}>
      <Popover.Target>
        <Button variant="default" leftSection={<IconRefresh size={14} />} onClick={toggle}>
          {words.rotate}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Text size="sm" mb={10}>
          {words.rotateAbout}
        </Text>
        <Select
          label={words.grace}
          data={GRACES.map((seconds) => ({ value: String(seconds), label: words.graceOf(seconds / HOUR) }))}
          value={grace}
          onChange={(value) => value && setGrace(value)}
          comboboxProps={{ withinPortal: false }}
        />
        <Group justify="flex-end" gap={8} mt={12}>
          <Button variant="default" size="xs" onClick={close}>
            {text.common.cancel}
          </Button>
          <Button
            size="xs"
            loading={rotate.isPending}
            onClick={() =>
              rotate.mutate({
                params: { path: { integration_id: integration.id }, header: ifMatch(integration.version) },
                body: { grace_seconds: Number(grace) },
              })
            }
          >
            {words.rotateNow}
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  )
}
