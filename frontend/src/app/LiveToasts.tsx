import { Anchor } from '@mantine/core'
import { useRouter } from '@tanstack/react-router'
import { useCallback } from 'react'
import { type LiveEvent, useLiveEvents } from '@/realtime'
import { text } from '@/text'
import { notify, type Severity } from '@/ui'
import { isInSight } from './inSight'
import { Gatherer, type News, Newsroom } from './news'

const words = text.shell.toasts
const SHOWN = 10_000 // milliseconds
const COLOURS: Record<Severity, string> = {
  critical: 'red',
  high: 'orange',
  medium: 'yellow',
  low: 'blue',
  info: 'gray',
}

const newsroom = new Newsroom()
const gatherer = new Gatherer(SHOWN)

/** Tells of what happens to incidents while somebody looks elsewhere, in few messages however much it is. */
export default function LiveToasts() {
  const router = useRouter()
  const onEvent = useCallback(
    (event: LiveEvent) => {
      const found = newsroom.take(event)
      if (found === null || isInSight(event, router.state.location.pathname)) return
      const { key, news } = gatherer.take(found, Date.now())
      const isAlone = news.length === 1
      const go = () =>
        isAlone
          ? router.navigate({ to: '/incidents/$id', params: { id: found.id } })
          : router.navigate({ to: '/', search: {} })
      void notify({
        id: key,
        title: isAlone ? titleOf(found) : words.many[found.kind](news.length),
        color: isAlone ? colourOf(found) : 'gray',
        autoClose: SHOWN,
        message: (
          <>
            {isAlone && `${found.title} `}
            <Anchor size="sm" href={isAlone ? `/incidents/${found.id}` : '/'} onClick={open(go)}>
              {isAlone ? words.open : words.openAll}
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

function titleOf({ kind, severity }: News): string {
  return kind === 'opened' && severity !== null ? words.opened(text.common.severity[severity]) : words.one[kind]
}

function colourOf({ kind, severity }: News): string {
  if (kind === 'resolved') return 'teal'
  return severity === null ? 'blue' : COLOURS[severity]
}

/** Toasts are shown outside the router, whose links they cannot use; a click with a modifier opens a tab as ever. */
const open = (go: () => unknown) => (event: React.MouseEvent) => {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return
  event.preventDefault()
  void go()
}
