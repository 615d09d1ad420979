import { Button } from '@mantine/core'
import { useDisclosure, useMediaQuery } from '@mantine/hooks'
import { IconArrowUp, IconCircleCheck } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useMay } from '@/app/me'
import { text } from '@/text'
import { EmptyState, ErrorState, Page, RowsSkeleton } from '@/ui'
import { ActionBar } from './ActionBar'
import classes from './board.module.css'
import { IncidentGrid } from './IncidentGrid'
import { type BoardSearch, isNarrowed } from './search'
import { useAcknowledge } from './useAcknowledge'
import { useBoardSearch } from './useBoardSearch'
import { type Incident, useIncidents } from './useIncidents'
import { useKeys } from './useKeys'
import { Views } from './Views'

// The incidents come first; what has menus follows.
const KeysHelp = lazy(() => import('./KeysHelp'))
const NewIncident = lazy(() => import('./NewIncident'))
const Toolbar = lazy(() => import('./Toolbar'))

const words = text.board
const ROW = { wide: 44, narrow: 68 } // pixels
const FRAMES = 10 // within which a row that was scrolled to is in the page

/** The incidents, live. */
export default function BoardPage() {
  const { search } = useBoardSearch()
  const found = useIncidents(search)
  const narrow = useMediaQuery('(max-width: 48em)', false)
  const mayMove = useMay('incident:transition')
  const { acknowledge, shown, pending } = useAcknowledge()
  const [current, setCurrent] = useState<string | null>(null)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [help, keys] = useDisclosure(false)
  const input = useRef<HTMLInputElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const scrollTo = useRef<(index: number) => void>(() => {})
  const { incidents, hasNextPage, isFetchingNextPage, fetchNextPage } = found

  const select = useCallback((id: string) => {
    setSelected((now) => (now.has(id) ? new Set([...now].filter((one) => one !== id)) : new Set([...now, id])))
    focusRow(id)
  }, [])
  const deselect = useCallback(() => setSelected(new Set()), [])
  const acknowledgeOne = useCallback((incident: Incident) => acknowledge([incident]), [acknowledge])
  const acknowledgeChosen = () => {
    const chosen = incidents.filter(({ id }) => (selected.size > 0 ? selected.has(id) : id === current))
    acknowledge(chosen)
    deselect()
  }
  useKeys({
    move: (by) => {
      const now = incidents.findIndex(({ id }) => id === current)
      const next = incidents[now < 0 ? 0 : Math.min(Math.max(now + by, 0), incidents.length - 1)]
      if (!next) return
      setCurrent(next.id)
      scrollTo.current(incidents.indexOf(next))
      focusRow(next.id)
    },
    select: () => mayMove && current && select(current),
    acknowledge: acknowledgeChosen,
    undo: () => pending?.undo(),
    search: () => input.current?.focus(),
    leave: deselect,
    help: keys.toggle,
  })

  // biome-ignore lint/correctness/useExhaustiveDependencies: another search begins at its top
  useEffect(() => {
    // Nothing may be returned, and browsers have begun to return a promise from here.
    scroller.current?.scrollTo({ top: 0 })
  }, [search])

  const more = useCallback(() => void (!isFetchingNextPage && fetchNextPage()), [isFetchingNextPage, fetchNextPage])
  const takeScrollTo = useCallback((next: (index: number) => void) => {
    scrollTo.current = next
  }, [])
  // Selected incidents that the list no longer has are not acted on.
  const chosen = useMemo(() => incidents.filter(({ id }) => selected.has(id)), [incidents, selected])

  return (
    <Page
      wide
      heading={words.heading}
      actions={
        <Suspense fallback={null}>
          <NewIncident />
          <KeysHelp opened={help} onChange={keys.set} />
        </Suspense>
      }
      beside={<Views />}
    >
      <div className={classes.board}>
        <div className={classes.toolbar}>
          <Suspense fallback={null}>
            <Toolbar input={input} />
          </Suspense>
        </div>
        {found.isPending ? (
          <RowsSkeleton rows={14} height={narrow ? ROW.narrow : ROW.wide} />
        ) : found.isError && incidents.length === 0 ? (
          <ErrorState error={found.error} onRetry={() => found.refetch()} />
        ) : incidents.length === 0 ? (
          <NoIncidents search={search} />
        ) : (
          <IncidentGrid
            incidents={incidents}
            more={hasNextPage}
            stale={found.isPlaceholderData}
            selectable={mayMove}
            selected={selected}
            acknowledged={shown}
            current={current}
            rowHeight={narrow ? ROW.narrow : ROW.wide}
            scroller={scroller}
            onNearEnd={more}
            onAtTop={found.lookAt}
            onSelect={select}
            onFocus={setCurrent}
            onAcknowledge={acknowledgeOne}
            onReady={takeScrollTo}
          />
        )}
        <div className={classes.footer} role="status">
          {incidents.length > 0 && words.shown(incidents.length, hasNextPage)}
        </div>
        {found.behind && (
          <Button
            className={classes.behind}
            size="xs"
            leftSection={<IconArrowUp size={14} />}
            onClick={() => scroller.current?.scrollTo({ top: 0 })}
          >
            {words.behind}
          </Button>
        )}
        <ActionBar selected={chosen} pending={pending} onAcknowledge={acknowledgeChosen} onClear={deselect} />
      </div>
    </Page>
  )
}

/** Moves the focus to an incident's link as soon as its row is in the page. */
function focusRow(id: string, frames = FRAMES): void {
  const link = document.querySelector<HTMLElement>(`[data-incident="${id}"]`)
  if (link) link.focus({ preventScroll: true })
  else if (frames > 0) requestAnimationFrame(() => focusRow(id, frames - 1))
}

function NoIncidents({ search }: { search: BoardSearch }) {
  const { show } = useBoardSearch()
  if (isNarrowed(search)) {
    return (
      <EmptyState {...words.noMatch}>
        <Button variant="default" onClick={() => show(search.scope ? { scope: search.scope } : {})}>
          {words.clear}
        </Button>
      </EmptyState>
    )
  }
  if (search.scope === 'all') {
    return (
      <EmptyState {...words.none}>
        <Button component={Link} to="/integrations">
          {words.connect}
        </Button>
      </EmptyState>
    )
  }
  return (
    <EmptyState {...words.quiet} icon={<IconCircleCheck size={22} stroke={1.6} color="var(--good)" />}>
      <Button component={Link} to="/integrations" variant="default">
        {words.connect}
      </Button>
    </EmptyState>
  )
}
