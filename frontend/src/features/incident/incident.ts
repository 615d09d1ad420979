import { useState } from 'react'
import { ApiError, api, ifMatch, type Model, queryClient } from '@/api'
import { text } from '@/text'
import { notifyDone, notifyError } from '@/ui'

export type Incident = Model<'IncidentOut'>

const ONE = '/incidents/{incident_id}'

export const paramsOf = (id: string) => ({ params: { path: { incident_id: id } } })

/** An incident; live events make it stale. */
export const useIncident = (id: string) => api.useQuery('get', ONE, paramsOf(id))

/** Takes what the API answered to a change, and has what else shows it looked at again. */
export function took(incident: Incident): void {
  queryClient.setQueryData(api.queryOptions('get', ONE, paramsOf(incident.id)).queryKey, incident)
  lookAgain()
}

/** Has everything of incidents looked at again. */
export function lookAgain(): void {
  void queryClient.invalidateQueries({ predicate: ({ queryKey: [, path] }) => String(path).startsWith('/incidents') })
}

/** Says why a change was refused. A version that is out of date is looked at again, and so shown. */
export function refused(error: unknown): void {
  notifyError(error)
  if (isOutOfDate(error)) lookAgain()
}

const isOutOfDate = (error: unknown) => error instanceof ApiError && [404, 409, 412].includes(error.status)

/** What a mutation of a dialog does when it is answered: all is looked at again, and a refusal is shown in the dialog. */
export const done = (message: string, onClose: () => void) => ({
  onSuccess: () => {
    lookAgain()
    notifyDone(message)
    onClose()
  },
  onError: (error: unknown) => {
    if (isOutOfDate(error)) lookAgain()
  },
})

/** Changes an incident as the person saw it. `onError` is told instead of the person where it is given. */
export function useChange(incident: Incident, { onError = refused }: { onError?: (error: unknown) => void } = {}) {
  const { mutate, isPending } = api.useMutation('patch', ONE, { onSuccess: took, onError })
  return {
    change: (body: Model<'IncidentPatch'>, onDone = () => {}) =>
      mutate({ ...versioned(incident), body }, { onSuccess: onDone }),
    isPending,
  }
}

/** Moves an incident through its life. `refusal` is why the last move was refused. */
export function useMove(incident: Incident) {
  const [refusal, setRefusal] = useState<unknown>(null)
  const { mutate, isPending } = api.useMutation('post', `${ONE}/transitions`, {
    onSuccess: (moved) => {
      took(moved)
      notifyDone(text.incident.move.done(text.common.state[moved.state]))
    },
    onError: (error) => {
      setRefusal(error)
      lookAgain()
    },
  })
  const move = (to: Incident['state'], note = '', onDone = () => {}, onRefused = () => {}) => {
    setRefusal(null)
    mutate({ ...versioned(incident), body: { to, note } }, { onSuccess: onDone, onError: onRefused })
  }
  return { move, isPending, refusal, forget: () => setRefusal(null) }
}

/** What a call needs that changes this version of an incident. */
export function versioned({ id, version }: Incident) {
  return { params: { path: { incident_id: id }, header: ifMatch(version) } }
}
