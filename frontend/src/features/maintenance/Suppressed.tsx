import { Alert, Button, Text } from '@mantine/core'
import { IconEye } from '@tabler/icons-react'
import { useEffect } from 'react'
import { api } from '@/api'
import { text } from '@/text'
import { Refusal, SeverityBadge, TimeAgo } from '@/ui'
import classes from './maintenance.module.css'
import type { Matcher } from './windows'

const words = text.maintenance
const MOST_SHOWN = 8

/** Which alerts of the last day the matchers would hold, when asked. */
export function Suppressed({ matchers }: { matchers: Matcher[] }) {
  const preview = api.useMutation('post', '/maintenance-windows/preview')
  const { reset, data } = preview
  // What was shown was of other matchers.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is their change that matters
  useEffect(reset, [matchers, reset])
  return (
    <div>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconEye size={14} />}
        loading={preview.isPending}
        onClick={() => preview.mutate({ body: { matchers } })}
      >
        {words.preview}
      </Button>
      <div className={classes.preview}>
        <Refusal error={preview.error} />
        {data && (
          <Alert variant="light" color={data.matched > 0 ? 'yellow' : 'gray'} role="status">
            <Text size="sm" fw={550}>
              {words.would(data.matched, data.looked_at, data.firing)}
            </Text>
            {data.is_partial && <Text size="xs">{words.partial}</Text>}
            <ul className={classes.matched}>
              {data.alerts.slice(0, MOST_SHOWN).map((alert) => (
                <li key={alert.id}>
                  <SeverityBadge severity={alert.severity} compact />
                  <span>{alert.title}</span>
                  <span className={classes.quiet}>
                    {alert.service_name} · {alert.firing ? words.firing : words.over} · <TimeAgo at={alert.starts_at} />
                  </span>
                </li>
              ))}
            </ul>
          </Alert>
        )}
      </div>
    </div>
  )
}
