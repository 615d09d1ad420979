import type { ReactNode } from 'react'
import classes from './Facts.module.css'

/** What is known of a thing: `dt` and `dd` in turns, names beside values. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className={classes.facts}>{children}</dl>
}
