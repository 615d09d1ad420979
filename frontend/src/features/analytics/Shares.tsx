import classes from './analytics.module.css'
import { count } from './numbers'

type Part = { name: string; label: string; value: number; color: string }

/** How a whole divides: a bar, and each part with its name and number. */
export function Shares({ parts }: { parts: readonly Part[] }) {
  const shown = parts.filter(({ value }) => value > 0)
  return (
    <div className={classes.shares}>
      <div className={classes.shareBar} aria-hidden="true">
        {shown.map(({ name, value, color }) => (
          <span key={name} style={{ flexGrow: value, background: color }} />
        ))}
      </div>
      <ul className={classes.shareNames}>
        {shown.map(({ name, label, value, color }) => (
          <li key={name}>
            <span className={classes.dot} style={{ background: color }} aria-hidden="true" />
            {label} <strong className="tabular">{count(value)}</strong>
          </li>
        ))}
      </ul>
    </div>
  )
}
