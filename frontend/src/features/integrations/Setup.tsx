import { Text, Title } from '@mantine/core'
import { apiUrl } from '@/api'
import { text } from '@/text'
import { Snippet } from '@/ui'
import type { Integration } from './integrations'
import { pastesFor } from './snippets'

const words = text.integrations

/** What to paste into the sender; without its token, which is shown only once, a word in its place. */
export function Setup({ integration, token = words.tokenPlace }: { integration: Integration; token?: string }) {
  if (!integration.webhook_path) return null
  return (
    <section>
      <Title order={3}>{words.setup}</Title>
      <Text size="sm" c="dimmed" mb={4}>
        {words.kinds[integration.kind].setup}
      </Text>
      {pastesFor(integration.kind, apiUrl(integration.webhook_path), token).map(({ file, code }) => (
        <div key={file}>
          <Text size="xs" ff="monospace" c="dimmed" mt={10} mb={4}>
            {file}
          </Text>
          <Snippet code={code} label={words.copyPaste(file)} />
        </div>
      ))}
    </section>
  )
}
