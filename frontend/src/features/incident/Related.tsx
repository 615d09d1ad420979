import { ActionIcon, Text } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { api } from '@/api'
import { useMay } from '@/app/me'
import { text } from '@/text'
import { notifyDone, StateBadge } from '@/ui'
import { type Incident, lookAgain, paramsOf, refused } from './incident'
import classes from './incident.module.css'
import { Neighbour, Neighbours } from './Neighbours'

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
  const unlink = (link_id: string) => remove.mutate({ params: { path: { incident_id: incident.id, link_id } } })
  return (
    <Neighbours heading={words.heading} empty={words.empty} found={found}>
      {(one) => (
        <Neighbour
          key={one.link_id}
          incident={one}
          kind={words[one.direction][one.kind]}
          aside={
            <>
              <StateBadge state={one.state} />
              {mayWrite && (
                <ActionIcon
                  size="xs"
                  className={classes.remove}
                  aria-label={words.remove(one.reference)}
                  onClick={() => unlink(one.link_id)}
                >
                  <IconX size={13} />
                </ActionIcon>
              )}
            </>
          }
        >
          {(one.reason || one.via.length > 0) && (
            <Text size="xs" c="dimmed">
              {one.reason || words.via(one.via)}
            </Text>
          )}
        </Neighbour>
      )}
    </Neighbours>
  )
}
