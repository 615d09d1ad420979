import type { Incident } from './incident'

/** Seconds from when it was opened here to its stations, null where it has not come to one yet; and whether it goes on. */
export type Vitals = {
  open: number
  isOver: boolean
  acknowledged: number | null
  mitigated: number | null
  resolved: number | null
}

type Times = Pick<Incident, 'state' | 'state_since' | 'created_at' | 'acknowledged_at' | 'mitigated_at' | 'resolved_at'>

const OVER: readonly Incident['state'][] = ['resolved', 'learned', 'inconclusive']

/** How long an incident took, or has been open, at `now` in milliseconds. */
export function vitalsOf(incident: Times, now: number): Vitals {
  const began = Date.parse(incident.created_at)
  const after = (at: string | null) => (at === null ? null : Math.max(0, (Date.parse(at) - began) / 1000))
  const isOver = OVER.includes(incident.state)
  const end = isOver ? (incident.resolved_at ?? incident.state_since) : null
  return {
    open: after(end) ?? Math.max(0, (now - began) / 1000),
    isOver,
    acknowledged: after(incident.acknowledged_at),
    mitigated: after(incident.mitigated_at),
    resolved: after(incident.resolved_at),
  }
}
