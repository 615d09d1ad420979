import { Anchor } from '@mantine/core'
import { useRouter } from '@tanstack/react-router'
import { useCallback } from 'react'
import { type LiveEvent, useLiveEvents } from '@/realtime'
import { text } from '@/text'
import { notify, type Severity } from '@/ui'
import { isInSight } from './inSight'

const words = text.shell.toasts
const SHOWN = 10_000 // milliseconds
const COLOURS: Record<Severity, string> = {
  critical: 'red',
  high: 'orange',
  medium: 'yellow',
  low: 'blue',
  info: 'gray',
}

/** Tells of incidents that open while somebody looks elsewhere. */
export function LiveToasts() {
  const router = useRouter()
  const onEvent = useCallback(
    (event: LiveEvent) => {
      if (event.type !== 'incident.created' || isInSight(event, router.state.location.pathname)) return
      const { id, title, severity } = event.data as { id: string; title: string; severity: Severity }
      void notify({
        id: `incident-${id}`,
        title: words.opened(text.common.severity[severity]),
        color: COLOURS[severity],
        autoClose: SHOWN,
        message: (
          <>
            {title}{' '}
            <Anchor
              size="sm"
              href={`/incidents/${id}`}
              onClick={open(() => router.navigate({ to: '/incidents/$id', params: { id } }))}
            >
              {words.open}
            </Anchor>
          </>
        ),
      })
    },
    [router],
  )
  useLiveEvents(onEvent)
  return null
}

/** Toasts are shown outside the router, whose links they cannot use; a click with a modifier opens a tab as ever. */
const open = (go: () => unknown) => (event: React.MouseEvent) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return
  event.preventDefault()
  void go()
}
