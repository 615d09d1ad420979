import type { Model } from '@/api'
import { text } from '@/text'
import classes from './badges.module.css'

export type Severity = Model<'FoundOut'>['severity']

/** A severity as bars and a word: never by colour alone. */
export function SeverityBadge({ severity, compact = false }: { severity: Severity; compact?: boolean }) {
  const name = text.common.severity[severity]
  return (
    <span className={classes.severity} data-severity={severity} title={compact ? name : undefined}>
      <svg viewBox="0 0 16 12" width="16" height="12" aria-hidden="true">
        {BARS.map((x, index) => (
          <rect
            key={x}
            x={x}
            y={9 - index * 3}
            width="3"
            height={3 + index * 3}
            rx="1"
            data-on={index < LIT[severity]}
          />
        ))}
      </svg>
      <span className={compact ? 'visually-hidden' : undefined}>{name}</span>
    </span>
  )
}

const BARS = [0, 4.3, 8.6, 12.9]
const LIT: Record<Severity, number> = { critical: 4, high: 3, medium: 2, low: 1, info: 0 }
