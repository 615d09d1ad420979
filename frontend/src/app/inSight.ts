import { incidentsOf, type LiveEvent } from '@/realtime'

/** Whether somebody at `path` sees what an event tells without being told: on the board, or on the incident's page. */
export function isInSight(event: LiveEvent, path: string): boolean {
  return path === '/' || incidentsOf(event).some((id) => path === `/incidents/${id}`)
}
