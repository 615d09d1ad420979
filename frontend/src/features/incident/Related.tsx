import { ActionIcon, Text, Title } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { api } from '@/api'
import { useMay } from '@/app/me'
import { text } from '@/text'
import { ErrorState, notifyDone, RowsSkeleton, StateBadge } from '@/ui'
import { type Incident, lookAgain, paramsOf, refused } from './incident'
import classes from './incident.module.css'

const words = text.incident.related

/** Incidents that this one is linked to, and why. */
export function Related({ incident }: { incident: Incident }) {
  const mayWrite = useMay('incident:write') && incident.archived_at === null && incident.merged_into === null
  const found = api.useQuery('get', '/incidents/{incident_id}/related', paramsOf(incident.id))
  const remove = api.useMutation('delete', '/incidents/{incident_id}/links/{link_id}', {
    onSuccess: () => {
      lookAgain()
      notifyDone(words.removed)
    },
    onError: refused,
  })
  return (
    <section className={classes.box} aria-labelledby="related-heading">
      <Title order={2} id="related-heading">
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
          <li key={one.link_id} className={classes.neighbour}>
            <div className={classes.neighbourHead}>
              <span className={classes.kind}>{words[one.direction][one.kind]}</span>
              <StateBadge state={one.state} />
              {mayWrite && (
                <ActionIcon
                  size="xs"
                  className={classes.remove}
                  aria-label={words.remove(one.reference)}
                  onClick={() =>
                    remove.mutate({ params: { path: { incident_id: incident.id, link_id: one.link_id } } })
                  }
                >
                  <IconX size={13} />
                </ActionIcon>
              )}
            </div>
            <Link to="/incidents/$id" params={{ id: one.id }} className={classes.neighbourLink}>
              <span className={classes.dim}>{one.reference}</span> {one.title}
            </Link>
            {(one.reason || one.via.length > 0) && (
              <Text size="xs" c="dimmed">
                {one.reason || words.via(one.via)}
              </Text>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
