import { useVirtualizer } from '@tanstack/react-virtual'
import { type RefObject, useEffect } from 'react'
import { text } from '@/text'
import classes from './board.module.css'
import { IncidentRow } from './IncidentRow'
import type { Incident } from './useIncidents'

const words = text.board.columns
const NEAR_END = 20 // rows

type Props = {
  incidents: Incident[]
  more: boolean
  stale: boolean
  selectable: boolean
  selected: ReadonlySet<string>
  /** Those that are to look acknowledged already, by the version that was seen. */
  acknowledged: ReadonlyMap<string, number>
  current: string | null
  rowHeight: number
  scroller: RefObject<HTMLDivElement | null>
  onNearEnd: () => void
  onAtTop: (top: boolean) => void
  onSelect: (id: string) => void
  onFocus: (id: string) => void
  onAcknowledge: (incident: Incident) => void
  /** Takes what brings a row into sight. */
  onReady: (scrollTo: (index: number) => void) => void
}

/** The incidents; only the rows in sight are in the page, however many there are. */
export function IncidentGrid(props: Props) {
  const { incidents, more, rowHeight, scroller, onNearEnd, onReady, current } = props
  const rows = useVirtualizer({
    count: incidents.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (hasExcerpt(incidents[index]) ? rowHeight + 20 : rowHeight),
    getItemKey: (index) => incidents[index]?.id ?? index,
    overscan: 12,
  })
  const visible = rows.getVirtualItems()
  const last = visible.at(-1)?.index ?? 0

  useEffect(() => {
    if (more && last >= incidents.length - NEAR_END) onNearEnd()
  }, [more, last, incidents.length, onNearEnd])

  useEffect(() => {
    onReady((index) => rows.scrollToIndex(index, { align: 'auto' }))
  }, [rows, onReady])

  return (
    // biome-ignore lint/a11y/useSemanticElements: as the rows
    <div
      role="grid"
      aria-label={text.board.heading}
      aria-rowcount={more ? -1 : incidents.length + 1}
      aria-multiselectable={props.selectable}
      aria-busy={props.stale}
      className={classes.grid}
      tabIndex={-1}
    >
      <Header />
      {/* biome-ignore lint/a11y/useSemanticElements: as the rows */}
      <div
        role="rowgroup"
        ref={scroller}
        className={classes.scroller}
        data-stale={props.stale}
        onScroll={({ currentTarget }) => props.onAtTop(currentTarget.scrollTop < rowHeight * 4)}
      >
        <div className={classes.rows} style={{ height: rows.getTotalSize() }} role="presentation">
          {visible.map(({ index, key, start, size }) => {
            const incident = incidents[index]
            return (
              incident && (
                <IncidentRow
                  key={key}
                  incident={incident}
                  position={index + 1}
                  top={start}
                  height={size}
                  selectable={props.selectable}
                  selected={props.selected.has(incident.id)}
                  current={incident.id === current}
                  acknowledged={props.acknowledged.get(incident.id) === incident.version}
                  onSelect={props.onSelect}
                  onFocus={props.onFocus}
                  onAcknowledge={props.onAcknowledge}
                />
              )
            )
          })}
        </div>
      </div>
    </div>
  )
}

const COLUMNS = [
  'select',
  'severity',
  'reference',
  'title',
  'act',
  'service',
  'state',
  'alerts',
  'assignee',
  'opened',
] as const
const UNSEEN = new Set<string>(['select', 'severity', 'reference', 'act', 'assignee'])

function Header() {
  return (
    // biome-ignore lint/a11y/useSemanticElements: as the rows
    <div role="rowgroup" className={classes.header}>
      {/* biome-ignore lint/a11y/useSemanticElements: as the rows */}
      <div role="row" aria-rowindex={1} className={classes.headerRow} tabIndex={-1}>
        {COLUMNS.map((column) => (
          // biome-ignore lint/a11y/useSemanticElements: as the rows
          // biome-ignore lint/a11y/useFocusableInteractive: nothing can be done with it
          <div key={column} role="columnheader" className={classes[column]}>
            <span className={UNSEEN.has(column) ? 'visually-hidden' : undefined}>{words[column]}</span>
          </div>
        ))}
      </div>
    </div>
  )
}

const hasExcerpt = (incident: Incident | undefined) =>
  incident?.highlights.description !== undefined || incident?.highlights.labels !== undefined
