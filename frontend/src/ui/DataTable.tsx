import type { ReactNode } from 'react'
import classes from './DataTable.module.css'

export type Column = {
  label: string
  /** Its heading is for screen readers alone, as over buttons. */
  isQuiet?: boolean
  /** Left out on narrow screens; its cells have `data-secondary`, too. */
  isSecondary?: boolean
}

/** A dense table; `children` are its rows. */
export function DataTable({ label, columns, children }: { label: string; columns: Column[]; children: ReactNode }) {
  return (
    <table className={classes.table} aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.label} scope="col" data-secondary={column.isSecondary}>
              <span className={column.isQuiet ? 'visually-hidden' : undefined}>{column.label}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  )
}
