import { useCallback, useRef, useState } from 'react'
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
 * way back. `shown` holds the incidents, by the version that was seen, that are to look acknowledged already: as soon as the
 * list has another version, it says itself what they are.
 */
export function useAcknowledge() {
  const [shown, setShown] = useState<ReadonlyMap<string, number>>(new Map())
  const [pending, setPending] = useState<Pending | null>(null)
  const waiting = useRef<Held | null>(null)

  const forget = useCallback(
    (ids: string[]) => setShown((now) => new Map([...now].filter(([id]) => !ids.includes(id)))),
    [],
  )

  const send = useCallback(
    async (ids: string[], atOnce = AT_ONCE) => {
      const failures = await inTurns(ids, atOnce, acknowledge)
      forget([...failures.keys()])
      await queryClient.invalidateQueries({ queryKey: ['get', '/incidents'] })
      report(ids.length, [...failures.values()])
    },
    [forget],
  )

  const start = useCallback(
    (incidents: Incident[]) => {
      const chosen = incidents.filter(mayAcknowledge)
      const ids = chosen.map(({ id }) => id)
      if (ids.length === 0) return
      setShown((now) => new Map([...now, ...chosen.map(({ id, version }) => [id, version] as const)]))
      if (ids.length === 1) {
        void send(ids)
        return
      }
      waiting.current?.flush()
      const held = hold((leaving) => {
        setPending(null)
        void send(ids, leaving ? ids.length : AT_ONCE)
      }, HELD)
      waiting.current = held
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

/** Does `job` for all, `atOnce` at a time; by id, the errors of those that failed. */
async function inTurns(
  ids: string[],
  atOnce: number,
  job: (id: string) => Promise<void>,
): Promise<Map<string, unknown>> {
  const rest = [...ids]
  const failures = new Map<string, unknown>()
  const work = async () => {
    for (let id = rest.shift(); id !== undefined; id = rest.shift()) {
      try {
        await job(id)
      } catch (error) {
        failures.set(id, error)
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return failures
}

/** Conflicts are no trouble: somebody else was faster. */
function report(count: number, failures: unknown[]): void {
  const serious = failures.find((error) => !(error instanceof ApiError && error.status === 409))
  if (serious) notifyError(serious)
  else if (failures.length > 0) notifyDone(words.someFailed(failures.length))
  else if (count > 1) notifyDone(words.acknowledged(count))
}
