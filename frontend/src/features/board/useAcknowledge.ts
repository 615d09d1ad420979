import { useCallback, useState } from 'react'
import { ApiError, client, queryClient } from '@/api'
import { text } from '@/text'
import { notifyDone, notifyError } from '@/ui'
import { type Held, hold } from './held'
import type { Incident } from './useIncidents'

const HELD = 5_000 // milliseconds in which several can be taken back
const AT_ONCE = 4 // requests beside each other

const words = text.board

export const mayAcknowledge = (incident: Incident) => incident.allowed_transitions.includes('acknowledged')

/** Several acknowledgements that wait, for people to take them back. */
export type Pending = { count: number; undo: () => void }

/**
 * Acknowledges incidents. One goes at once; several wait for some seconds and can be taken back, for the life cycle has no
 * way back. `shown` holds the ids that are to look acknowledged already.
 */
export function useAcknowledge() {
  const [shown, setShown] = useState<ReadonlySet<string>>(new Set())
  const [pending, setPending] = useState<Pending | null>(null)

  const forget = useCallback(
    (ids: string[]) => setShown((now) => new Set([...now].filter((id) => !ids.includes(id)))),
    [],
  )

  const send = useCallback(
    async (ids: string[]) => {
      const failures = await inTurns(ids, acknowledge)
      await queryClient.invalidateQueries({ queryKey: ['get', '/incidents'] })
      forget(ids)
      report(ids.length, failures)
    },
    [forget],
  )

  const start = useCallback(
    (incidents: Incident[]) => {
      const ids = incidents.filter(mayAcknowledge).map(({ id }) => id)
      if (ids.length === 0) return
      setShown((now) => new Set([...now, ...ids]))
      if (ids.length === 1) {
        void send(ids)
        return
      }
      const held: Held = hold(() => {
        setPending(null)
        void send(ids)
      }, HELD)
      const undo = () => {
        held.undo()
        setPending(null)
        forget(ids)
      }
      setPending({ count: ids.length, undo })
    },
    [forget, send],
  )

  return { acknowledge: start, shown, pending }
}

async function acknowledge(id: string): Promise<void> {
  const params = { path: { incident_id: id } }
  await client.POST('/incidents/{incident_id}/transitions', { params, body: { to: 'acknowledged' }, keepalive: true })
}

/** Does `job` for all, some at a time; the errors of those that failed. */
async function inTurns(ids: string[], job: (id: string) => Promise<void>): Promise<unknown[]> {
  const rest = [...ids]
  const failures: unknown[] = []
  const work = async () => {
    for (let id = rest.shift(); id !== undefined; id = rest.shift())
      await job(id).catch((error) => failures.push(error))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return failures
}

/** Conflicts are no trouble: somebody else was faster. */
function report(count: number, failures: unknown[]): void {
  const serious = failures.find((error) => !(error instanceof ApiError && error.status === 409))
  if (serious) notifyError(serious)
  else if (failures.length > 0) notifyDone(words.someFailed(failures.length))
  else if (count > 1) notifyDone(words.acknowledged(count))
}
