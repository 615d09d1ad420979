import { Text } from '@mantine/core'
import { api } from '@/api'
import { text } from '@/text'
import { TimeAgo } from '@/ui'
import { type Incident, paramsOf } from './incident'
import classes from './incident.module.css'
import { Neighbour, Neighbours } from './Neighbours'

const words = text.incident.similar

/** Past incidents like this one, and what they turned out to be. */
export function Similar({ incident }: { incident: Incident }) {
  const found = api.useQuery('get', '/incidents/{incident_id}/similar', paramsOf(incident.id))
  return (
    <Neighbours heading={words.heading} empty={words.empty} found={found}>
      {(one) => (
        <Neighbour
          key={one.id}
          incident={one}
          kind={words.alike(Math.round(one.score * 100))}
          aside={
            <span className={classes.dim}>
              <TimeAgo at={one.created_at} />
            </span>
          }
        >
          <Text size="xs" c="dimmed">
            {Object.keys(one.shared)
              .map((trait) => words.traits[trait] ?? trait)
              .join(', ')}
          </Text>
          {one.cause && (
            <Text size="xs" fw={500}>
              {words.cause(text.hypotheses.causeOn(one.cause.cause_code, one.cause.component))}
            </Text>
          )}
        </Neighbour>
      )}
    </Neighbours>
  )
}
