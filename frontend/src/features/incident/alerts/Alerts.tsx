import { Alert, Title } from '@mantine/core'
import { IconBellOff } from '@tabler/icons-react'
import { api } from '@/api'
import { text } from '@/text'
import { EmptyState, ErrorState, LoadMore, RowsSkeleton } from '@/ui'
import type { Incident } from '../incident'
import classes from '../incident.module.css'
import { AlertCard } from './AlertCard'

const words = text.incident.alerts
const PAGE = 50

/** The alerts of the incident, and why each is here. */
export default function Alerts({ incident }: { incident: Incident }) {
  const init = { params: { path: { incident_id: incident.id }, query: { limit: PAGE } } }
  const found = api.useInfiniteQuery('get', '/incidents/{incident_id}/alerts', init, {
    pageParamName: 'cursor',
    initialPageParam: null,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  if (found.isPending) return <RowsSkeleton rows={4} height={84} />
  if (!found.data) return <ErrorState error={found.error} onRetry={() => found.refetch()} />
  const alerts = found.data.pages.flatMap(({ items }) => items)
  if (alerts.length === 0) return <EmptyState {...words.empty} icon={<IconBellOff size={22} stroke={1.6} />} />
  return (
    <section aria-labelledby="alerts-heading" className={classes.part}>
      <Title order={2} id="alerts-heading" className="visually-hidden">
        {words.heading}
      </Title>
      {incident.truncated_alerts > 0 && (
        <Alert variant="light" color="yellow">
          {words.truncated(incident.truncated_alerts)}
        </Alert>
      )}
      <ul className={classes.cards}>
        {alerts.map((alert) => (
          <AlertCard key={alert.id} alert={alert} />
        ))}
      </ul>
      <LoadMore pages={found} />
    </section>
  )
}
