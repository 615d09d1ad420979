import type { Model } from '@/api'
import { text } from '@/text'
import classes from './badges.module.css'

export type State = Model<'FoundOut'>['state']

/** A state of an incident's life: a dot that fills as it goes on, and the word. */
export function StateBadge({ state }: { state: State }) {
  return (
    <span className={classes.state} data-state={state}>
      <svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
        <circle cx="7" cy="7" r="5.5" fill="none" stroke="currentColor" strokeWidth="1.6" />
        <circle
          cx="7"
          cy="7"
          r="2.6"
          fill="none"
          stroke="currentColor"
          strokeWidth="5.2"
          strokeDasharray={`${16.34 * FILLED[state]} 17`}
          transform="rotate(-90 7 7)"
        />
      </svg>
      {text.common.state[state]}
    </span>
  )
}

const FILLED: Record<State, number> = {
  detected: 0,
  acknowledged: 0.25,
  investigating: 0.5,
  mitigated: 0.75,
  resolved: 1,
  learned: 1,
  inconclusive: 0.5,
}
