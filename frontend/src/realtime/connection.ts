import { WebPubSubClient } from '@azure/web-pubsub-client'
import { focusManager } from '@tanstack/react-query'
import { client as http, queryClient } from '@/api'
import { Coalescer } from './coalesce'
import { incidentsOf, type LiveEvent, stalePaths } from './events'
import { Feed, type Missed } from './feed'
import { type Status, statusOf } from './status'

// Milliseconds between refetches of one list while events keep coming. A person has about 100 calls a minute for all tabs.
const REFETCH_PAUSES = [1_000, 5_000] as const
const LOOK_INTERVAL = 500 // milliseconds between two looks at the socket
const POLL_INTERVAL = 15_000 // milliseconds between refetches while nothing is live
const RETRY = { mode: 'Exponential', retryDelayInMs: 500, maxRetryDelayInMs: 15_000, maxRetries: 1_000_000 } as const
const KEEP_ALIVE = { keepAliveIntervalInMs: 10_000, keepAliveTimeoutInMs: 25_000 }

type Listener = (event: LiveEvent) => void

/**
 * The one connection of the page. It makes queries stale and never writes into them: what is shown is always what the API
 * answered. Events also go to whoever listens, for toasts.
 */
class Connection {
  private client: WebPubSubClient | null = null
  private project: string | null = null
  private everOpen = false
  private status: Status = 'connecting'
  private ticks: ReturnType<typeof setInterval>[] = []
  private readonly watchers = new Set<() => void>()
  private readonly listeners = new Set<Listener>()
  private readonly coalescer = new Coalescer(REFETCH_PAUSES)
  private readonly feed = new Feed({
    missed: (after) => readMissed(after),
    onEvent: (event) => this.tell(event),
    onFlood: () => this.refetchAll(),
  })

  /** Listens to a project, instead of the one before. Harmless when it is the same. */
  open(project: string): void {
    if (this.project === project) return
    this.close()
    this.project = project
    const client = new WebPubSubClient(
      { getClientAccessUrl: negotiate },
      { reconnectRetryOptions: RETRY, ...KEEP_ALIVE },
    )
    client.on('connected', () => this.whenConnected(client))
    client.on('group-message', ({ message }) => this.client === client && this.feed.take(message.data))
    this.client = client
    this.ticks = [setInterval(() => this.look(), LOOK_INTERVAL), setInterval(() => this.poll(), POLL_INTERVAL)]
    this.start(client)
  }

  /** Ends it, as when somebody signs out. */
  close(): void {
    this.client?.stop()
    this.client = null
    this.project = null
    this.everOpen = false
    this.feed.reset()
    for (const tick of this.ticks) clearInterval(tick)
    this.ticks = []
    this.look()
  }

  getStatus = (): Status => this.status

  watchStatus = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  /** Calls back with every event, in order and once; gives what ends that. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** The first connection is not retried by the library. */
  private start(client: WebPubSubClient, delay: number = RETRY.retryDelayInMs): void {
    client.start().catch(() => {
      setTimeout(() => {
        if (this.client === client) this.start(client, Math.min(delay * 2, RETRY.maxRetryDelayInMs))
      }, delay)
    })
  }

  private whenConnected(client: WebPubSubClient): void {
    if (this.client !== client) {
      client.stop() // a stop while it was recovering did not hold
      return
    }
    this.everOpen = true
    this.look()
    this.feed.catchUp().catch(() => undefined) // all is read anew in any case
    this.refetchAll()
  }

  private tell(event: LiveEvent): void {
    const about = incidentsOf(event)
    for (const path of stalePaths(event)) {
      const ofOne = path.includes('{incident_id}') && about.length > 0
      for (const one of ofOne ? about : [null]) this.refetch(path, one)
    }
    for (const listener of this.listeners) listener(event)
  }

  /** Makes the queries of a path stale; of one incident's path, only that incident's. */
  private refetch(path: string, incident: string | null): void {
    const filters = { queryKey: ['get', path], predicate: isOf(incident) }
    const key = `${path} ${incident}`
    const job = () => {
      // What is on its way may be older than the event. It is let through, for else a busy project would never see the
      // end of a list, and asked again afterwards.
      if (queryClient.isFetching(filters) > 0) this.coalescer.run(key, job)
      void queryClient.invalidateQueries({ ...filters, refetchType: refetchType() }, { cancelRefetch: false })
    }
    this.coalescer.run(key, job)
  }

  private refetchAll(): void {
    this.coalescer.run('everything', () => void queryClient.invalidateQueries({ refetchType: refetchType() }))
  }

  private poll(): void {
    if (this.status === 'recovering' || this.status === 'connecting') this.refetchAll()
  }

  /** The library says nothing while it recovers a connection, so its socket is looked at. */
  private look(): void {
    const known = { online: navigator.onLine, open: isOpen(this.client), everOpen: this.everOpen }
    const now = statusOf(known)
    if (now === this.status) return
    this.status = now
    for (const watcher of this.watchers) watcher()
  }
}

function isOpen(client: WebPubSubClient | null): boolean {
  const inside = client as unknown as { _wsClient?: { isOpen(): boolean }; _connectionId?: string } | null
  return inside?._connectionId !== undefined && inside._wsClient?.isOpen() === true
}

async function negotiate(): Promise<string> {
  const { data } = await http.POST('/realtime/negotiate', { body: {} })
  if (!data) throw new Error('negotiate answered nothing')
  return data.url
}

async function readMissed(after: number): Promise<Missed> {
  const { data } = await http.GET('/events', { params: { query: { after, limit: 200 } } })
  const events = (data?.items ?? []).flatMap((event) => (event.seq == null ? [] : [{ ...event, seq: event.seq }]))
  return { events, more: data?.next_cursor != null }
}

/** A tab that nobody sees asks for nothing; when it is seen again, what is stale is fetched. */
const refetchType = () => (focusManager.isFocused() ? 'active' : 'none')

/** Whether a query is about an incident; about any, where none is named. */
const isOf =
  (incident: string | null) =>
  ({ queryKey }: { queryKey: readonly unknown[] }) => {
    const init = queryKey[2] as { params?: { path?: { incident_id?: string } } } | undefined
    return incident === null || init?.params?.path?.incident_id === incident
  }

export const connection = new Connection()
