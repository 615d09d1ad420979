import { useEffect, useSyncExternalStore } from 'react'
import type { LiveEvent } from './events'
import type { Status } from './status'

export type { LiveEvent } from './events'
export { incidentsOf } from './events'
export type { Status } from './status'

type Connection = typeof import('./connection').connection

// The client library is not needed to show a page, so it comes after.
let loaded: Connection | null = null
const arrived = new EventTarget()
const loading = () =>
  import('./connection').then(({ connection }) => {
    if (!loaded) {
      loaded = connection
      arrived.dispatchEvent(new Event('arrived'))
    }
    return connection
  })

/** Keeps the page connected to a project while it is shown; nothing while there is none. */
export function useConnection(project: string | null): void {
  useEffect(() => {
    if (!project) return
    let wanted = true
    void loading().then((connection) => wanted && connection.open(project))
    return () => {
      wanted = false
    }
  }, [project])
}

/** Ends the connection, as when somebody signs out. */
export function disconnect(): void {
  loaded?.close()
}

/** How live the page is. */
export function useLiveStatus(): Status {
  return useSyncExternalStore(watch, () => loaded?.getStatus() ?? 'connecting')
}

/** Calls `listener` with every live event while the component is shown; hold it steady with `useCallback`. */
export function useLiveEvents(listener: (event: LiveEvent) => void): void {
  useEffect(() => {
    let stop = () => {}
    let wanted = true
    void loading().then((connection) => {
      if (wanted) stop = connection.listen(listener)
    })
    return () => {
      wanted = false
      stop()
    }
  }, [listener])
}

function watch(watcher: () => void): () => void {
  let stop = loaded?.watchStatus(watcher)
  const begin = () => {
    stop ??= loaded?.watchStatus(watcher)
    watcher()
  }
  arrived.addEventListener('arrived', begin)
  return () => {
    arrived.removeEventListener('arrived', begin)
    stop?.()
  }
}
