import { Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { api } from '@/api'
import { text } from '@/text'
import { ErrorState, RowsSkeleton, TimeAgo } from '@/ui'
import { type Incident, paramsOf } from './incident'
import classes from './incident.module.css'

const words = text.incident.similar

/** Past incidents like this one, and what they turned out to be. */
export function Similar({ incident }: { incident: Incident }) {
  const found = api.useQuery('get', '/incidents/{incident_id}/similar', paramsOf(incident.id))
  return (
    <section className={classes.box} aria-labelledby="similar-heading">
      <Title order={2} id="similar-heading">
        {words.heading}
      </Title>
      {found.isPending && <RowsSkeleton rows={2} height={36} />}
      {found.isError && <ErrorState error={found.error} onRetry={() => found.refetch()} />}
      {found.data?.items.length === 0 && (
        <Text size="sm" c="dimmed">
          {words.empty}
        </Text>
      )}
      <ul className={classes.neighbours}>
        {found.data?.items.map((one) => (
          <li key={one.id} className={classes.neighbour}>
            <div className={classes.neighbourHead}>
              <span className={classes.kind}>{words.alike(Math.round(one.score * 100))}</span>
              <span className={classes.dim}>
                <TimeAgo at={one.created_at} />
              </span>
            </div>
            <Link to="/incidents/$id" params={{ id: one.id }} className={classes.neighbourLink}>
              <span className={classes.dim}>{one.reference}</span> {one.title}
            </Link>
            <Text size="xs" c="dimmed">
              {Object.keys(one.shared)
                .map((trait) => words.traits[trait] ?? trait)
                .join(', ')}
            </Text>
            {one.cause && (
              <Text size="xs" fw={500}>
                {words.cause(one.cause.cause_code, one.cause.component)}
              </Text>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
