import { Button, Kbd } from '@mantine/core'
import { text } from '@/text'
import classes from './board.module.css'
import { mayAcknowledge, type Pending } from './useAcknowledge'
import type { Incident } from './useIncidents'

const words = text.board

type Props = { selected: Incident[]; pending: Pending | null; onAcknowledge: () => void; onClear: () => void }

/** What can be done with the selected incidents, or taken back. */
export function ActionBar({ selected, pending, onAcknowledge, onClear }: Props) {
  if (pending) {
    return (
      <div className={classes.actions} role="status">
        <span>{words.acknowledging(pending.count)}</span>
        <Button size="xs" variant="white" onClick={pending.undo}>
          {text.common.undo}
          <Kbd size="xs" ml={8} aria-hidden="true">
            z
          </Kbd>
        </Button>
      </div>
    )
  }
  if (selected.length === 0) return null
  return (
    <div className={classes.actions} role="toolbar" aria-label={words.selected(selected.length)}>
      <span>{words.selected(selected.length)}</span>
      <Button size="xs" variant="white" onClick={onAcknowledge} disabled={!selected.some(mayAcknowledge)}>
        {words.acknowledge}
        <Kbd size="xs" ml={8} aria-hidden="true">
          a
        </Kbd>
      </Button>
      <Button size="xs" variant="transparent" color="gray.3" onClick={onClear}>
        {words.deselect}
      </Button>
    </div>
  )
}
