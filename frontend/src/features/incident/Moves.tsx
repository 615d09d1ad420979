import { Button, Menu } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { text } from '@/text'
import { StateBadge } from '@/ui'
import type { Incident, useMove } from './incident'
import { moveName, nextMove } from './moves'

const words = text.incident.move

type Props = {
  incident: Incident
  moves: ReturnType<typeof useMove>
  /** Asks for a note first. */
  onPropose: (to: Incident['state']) => void
}

/** The moves that the API allows this person now: the next one as a button, all of them with a note in a menu. */
export function Moves({ incident, moves, onPropose }: Props) {
  const { allowed_transitions: allowed, state } = incident
  const next = nextMove(incident)
  const [only] = allowed
  if (!only) return null
  const go = (to: Incident['state']) =>
    next === to ? moves.move(to, '', undefined, () => onPropose(to)) : onPropose(to)
  return (
    <Button.Group>
      <Button variant={next ? 'filled' : 'default'} loading={moves.isPending} onClick={() => go(next ?? only)}>
        {moveName(state, next ?? only)}
      </Button>
      {(allowed.length > 1 || next) && (
        <Menu position="bottom-end" width={248}>
          <Menu.Target>
            <Button variant={next ? 'filled' : 'default'} px={8} aria-label={words.more} disabled={moves.isPending}>
              <IconChevronDown size={15} aria-hidden="true" />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{words.withNote}</Menu.Label>
            {allowed.map((to) => (
              <Menu.Item key={to} onClick={() => onPropose(to)} rightSection={<StateBadge state={to} />}>
                {moveName(state, to)}…
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </Button.Group>
  )
}
