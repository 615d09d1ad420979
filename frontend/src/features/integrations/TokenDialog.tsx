import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { IconKey } from '@tabler/icons-react'
import type { Model } from '@/api'
import { text } from '@/text'
import { Dialog, Snippet } from '@/ui'
import { Setup } from './Setup'

const words = text.integrations

/** The token of an integration, this once, and what to paste where. */
export function TokenDialog({
  integration,
  onClose,
}: {
  integration: Model<'IntegrationTokenOut'>
  onClose: () => void
}) {
  return (
    <Dialog heading={words.tokenOf(integration.name)} onClose={onClose} size="lg" isFirm>
      <Stack gap={16}>
        <Alert variant="light" color="yellow" icon={<IconKey size={16} />} title={words.once}>
          <Text size="sm">{words.onceAbout}</Text>
        </Alert>
        <Snippet code={integration.token} label={words.copyToken} wraps />
        <Setup integration={integration} token={integration.token} />
        <Group justify="flex-end">
          <Button onClick={onClose}>{words.kept}</Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
