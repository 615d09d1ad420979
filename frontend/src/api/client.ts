import createFetchClient from 'openapi-fetch'
import createQueryClient from 'openapi-react-query'
import type { components, paths } from './schema'
import { Session } from './session'

/** The models of the API by name, such as `Model<'IncidentOut'>`. */
export type Model<Name extends keyof components['schemas']> = components['schemas'][Name]

const configured: string = import.meta.env.VITE_API_URL ?? '/api'
const base = new URL(configured, window.location.origin).href.replace(/\/$/, '')

/** The whole address of a path of the API, for others to call. */
export const apiUrl = (path: string) => `${base}/${path}`

const ended = new EventTarget()

/** Calls back when the session is over and cannot be renewed; gives what ends that. */
export function onSessionEnd(listener: () => void): () => void {
  ended.addEventListener('end', listener)
  return () => ended.removeEventListener('end', listener)
}

export const session = new Session(
  (request) => fetch(request),
  base,
  () => ended.dispatchEvent(new Event('end')),
  async (job) => await navigator.locks.request('sre-copilot-refresh', job),
)

/** Calls of the API by path and method; rejects with an `ApiError`. */
export const client = createFetchClient<paths>({
  baseUrl: base,
  credentials: 'include',
  fetch: session.fetch,
  querySerializer: { array: { style: 'form', explode: false } },
})

/** The same for components: `api.useQuery('get', '/incidents/{incident_id}', …)`; keys are `[method, path, …]`. */
export const api = createQueryClient(client)
