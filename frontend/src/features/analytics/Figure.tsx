import { SegmentedControl, Skeleton } from '@mantine/core'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { text } from '@/text'
import { DataTable, Panel } from '@/ui'
import classes from './analytics.module.css'
import type { Line, Row } from './Charts'

const words = text.analytics.figure
const Bars = lazy(async () => ({ default: (await import('./Charts')).Bars }))
const Lines = lazy(async () => ({ default: (await import('./Charts')).Lines }))

type Props = {
  heading: string
  about?: string
  kind: 'bars' | 'lines'
  rows: readonly Row[]
  along: { name: string; label: string }
  lines: readonly Line[]
  says: (value: number) => string
  most?: number
  /** More columns of the table, such as how many a point stands for. */
  beside?: readonly { name: string; label: string }[]
  children?: ReactNode
}

/** A chart, and the same as a table for whoever would rather read it. */
export function Figure({ heading, about, kind, rows, along, lines, says, most, beside = [], children }: Props) {
  const [view, setView] = useState('chart')
  const Chart = kind === 'bars' ? Bars : Lines
  return (
    <Panel
      heading={heading}
      {...(about ? { about } : {})}
      isFlush={view === 'table'}
      actions={
        <SegmentedControl
          size="xs"
          value={view}
          onChange={setView}
          aria-label={words.view(heading)}
          data={[
            { value: 'chart', label: words.chart },
            { value: 'table', label: words.table },
          ]}
        />
      }
    >
      {view === 'chart' ? (
        <div role="img" aria-label={words.drawn(heading)} className={classes.chart}>
          <Suspense fallback={<Skeleton height={200} />}>
            <Chart rows={rows} along={along.name} lines={lines} says={says} {...(most === undefined ? {} : { most })} />
          </Suspense>
        </div>
      ) : (
        // Long tables scroll in their own box, which keys can reach.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keys
        <section className={classes.scroller} tabIndex={0} aria-label={heading}>
          <DataTable label={heading} columns={[along, ...beside, ...lines].map(({ label }) => ({ label }))}>
            {rows.map((row) => (
              <tr key={row[along.name]}>
                <td>{row[along.name]}</td>
                {beside.map(({ name }) => (
                  <td key={name} className="tabular">
                    {row[name]}
                  </td>
                ))}
                {lines.map(({ name }) => (
                  <td key={name} className="tabular">
                    {typeof row[name] === 'number' ? says(row[name]) : '–'}
                  </td>
                ))}
              </tr>
            ))}
          </DataTable>
        </section>
      )}
      {children}
    </Panel>
  )
}
