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
  alert: ['/alerts', '/incidents', INCIDENT, `${INCIDENT}/alerts`, `${INCIDENT}/timeline`],
  hypothesis: [`${INCIDENT}/hypotheses`, `${INCIDENT}/workflow`, `${INCIDENT}/evidence`, `${INCIDENT}/timeline`],
}

/** The incident that an event is about, if any; events of it make no other incident's queries stale. */
export function incidentOf(event: LiveEvent): string | null {
  const id = event.type.startsWith('incident.') ? event.data.id : event.data.incident_id
  return typeof id === 'string' ? id : null
}
