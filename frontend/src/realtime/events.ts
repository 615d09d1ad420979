/** What Web PubSub and `GET events` both tell of an event. */
export type LiveEvent = { id: string; seq: number; type: string; data: Record<string, unknown> }

type Batch = { type: 'batch'; events: LiveEvent[] }

/** The events of one message, which under load holds several; none of what is no message of ours. */
export function eventsOf(message: unknown): LiveEvent[] {
  if (typeof message !== 'object' || message === null || !('type' in message)) return []
  if (message.type === 'batch') return (message as Batch).events
  return 'seq' in message ? [message as LiveEvent] : []
}

/** The paths whose queries an event makes stale. A query is of a path when its key is `['get', path, …]`. */
export function stalePaths(event: LiveEvent): string[] {
  return [...(STALE[event.type] ?? []), ...(STALE[event.type.split('.')[0] ?? ''] ?? [])]
}

const INCIDENT = '/incidents/{incident_id}'

const STALE: Record<string, string[]> = {
  incident: [
    '/incidents',
    INCIDENT,
    `${INCIDENT}/timeline`,
    `${INCIDENT}/comments`,
    `${INCIDENT}/related`,
    `${INCIDENT}/similar`,
    `${INCIDENT}/postmortem`,
  ],
  'incident.created': ['/services', '/service-map'],
  'incident.updated': ['/service-map'],
  alert: ['/alerts', '/incidents', INCIDENT, `${INCIDENT}/alerts`, `${INCIDENT}/timeline`],
  hypothesis: [
    `${INCIDENT}/hypotheses`,
    `${INCIDENT}/workflow`,
    `${INCIDENT}/evidence`,
    `${INCIDENT}/timeline`,
    '/analytics/incidents/{incident_id}/cost',
  ],
}

/**
 * The incidents that an event is about, if any; it makes no other incident's queries stale. A run of hypotheses is shown by
 * all incidents that are the same failure, which its event names.
 */
export function incidentsOf({ type, data }: LiveEvent): string[] {
  if (type.startsWith('incident.')) return idsOf([data.id])
  return idsOf([data.incident_id, ...(Array.isArray(data.together) ? data.together : [])])
}

const idsOf = (given: unknown[]) => [...new Set(given.filter((one) => typeof one === 'string'))]
