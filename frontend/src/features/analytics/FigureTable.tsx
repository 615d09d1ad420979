import { Button, Text } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { text } from '@/text'
import { DataTable, Panel } from '@/ui'
import classes from './analytics.module.css'

type Column<Row> = { label: string; cell: (row: Row) => ReactNode; isSecondary?: boolean }

type Props<Row> = {
  heading: string
  about?: string
  /** Instead of rows where there are none. */
  empty: string
  rows: readonly Row[]
  keyOf: (row: Row) => string
  columns: readonly Column<Row>[]
  /** What the bar in the first column is as long as. */
  weight?: (row: Row) => number
}

const AT_FIRST = 8 // rows

/** Figures of several things, one row for each; the bar under a name says how it stands beside the others. */
export function FigureTable<Row>({ heading, about, empty, rows, keyOf, columns, weight }: Props<Row>) {
  const [isWhole, setWhole] = useState(false)
  const most = weight ? Math.max(1, ...rows.map(weight)) : 1
  return (
    <Panel heading={heading} {...(about ? { about } : {})} isFlush>
      {rows.length === 0 ? (
        <Text c="dimmed" size="sm" p={16}>
          {empty}
        </Text>
      ) : (
        <DataTable label={heading} columns={columns.map(({ label, isSecondary = false }) => ({ label, isSecondary }))}>
          {(isWhole ? rows : rows.slice(0, AT_FIRST)).map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ label, cell, isSecondary = false }, index) => (
                <td key={label} className="tabular" data-secondary={isSecondary}>
                  {cell(row)}
                  {index === 0 && weight && (
                    <span className={classes.weight} aria-hidden="true">
                      <span style={{ width: `${(weight(row) / most) * 100}%` }} />
                    </span>
                  )}
                </td>
              ))}
            </tr>
          ))}
        </DataTable>
      )}
      {rows.length > AT_FIRST && (
        <Button
          variant="subtle"
          color="gray"
          size="xs"
          m={8}
          aria-expanded={isWhole}
          onClick={() => setWhole(!isWhole)}
        >
          {isWhole ? text.analytics.fewer : text.analytics.all(rows.length)}
        </Button>
      )}
    </Panel>
  )
}
