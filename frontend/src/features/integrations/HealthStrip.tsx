import { Tooltip } from '@mantine/core'
import { api } from '@/api'
import { text } from '@/text'
import { exactTime } from '@/ui'
import type { Check } from './integrations'
import classes from './integrations.module.css'

const words = text.integrations

/** How an integration's last checks went, the newest at the end: height and colour tell, and the words of each. */
export function HealthStrip({ id, most }: { id: string; most: number }) {
  const params = { path: { integration_id: id }, query: { limit: most } }
  const checks = api.useQuery('get', '/integrations/{integration_id}/checks', { params })
  if (!checks.data)
    return <span className={classes.quiet}>{checks.isError ? words.healthUnknown : text.common.loading}</span>
  const shown = checks.data.items.toReversed()
  const last = shown.at(-1)
  if (!last) return <span className={classes.quiet}>{words.neverChecked}</span>
  const failed = shown.filter(({ ok }) => !ok).length
  return (
    <span className={classes.strip}>
      <span className={classes.bars} role="img" aria-label={words.stripLabel(shown.length, failed)}>
        {shown.map((check) => (
          <Tooltip key={check.id} label={told(check)} multiline maw={280}>
            <span className={classes.bar} data-ok={check.ok} />
          </Tooltip>
        ))}
      </span>
      <span data-ok={last.ok} className={classes.healthWord}>
        {last.ok ? words.healthy : words.unhealthy}
      </span>
    </span>
  )
}

const told = ({ at, ok, latency_ms, detail }: Check) =>
  `${exactTime(Date.parse(at))}: ${ok ? words.answered(latency_ms) : detail}`
