import { Button, Checkbox } from '@mantine/core'
import { IconCheck, IconWaveSine } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import type { Model } from '@/api'
import { text } from '@/text'
import { SeverityBadge, StateBadge, TimeAgo } from '@/ui'
import classes from './board.module.css'
import { mayAcknowledge } from './useAcknowledge'
import type { Incident } from './useIncidents'

const words = text.board
type Part = Model<'FoundOut'>['highlights'][string][number]

type Props = {
  incident: Incident
  /** Position among all that are shown, from 1. */
  position: number
  top: number
  height: number
  selectable: boolean
  selected: boolean
  current: boolean
  /** To look acknowledged, although the API has not said so yet. */
  acknowledged: boolean
  onSelect: (id: string) => void
  onFocus: (id: string) => void
  onAcknowledge: (incident: Incident) => void
}

/** One line of the board; its title is the link that the keyboard moves along. */
export const IncidentRow = memo(function IncidentRow(props: Props) {
  const { incident, position, top, height, selectable, selected, current, acknowledged } = props
  const { id, reference, severity, service_name, assignee, firing_count, alert_count, flapping, highlights } = incident
  const state = acknowledged ? 'acknowledged' : incident.state
  const excerpt = highlights.description ?? highlights.labels
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows of a table cannot be placed freely
    <div
      role="row"
      aria-rowindex={position + 1}
      aria-selected={selectable ? selected : undefined}
      className={classes.row}
      data-current={current}
      data-state={state}
      style={{ height, transform: `translateY(${top}px)` }}
      tabIndex={-1}
    >
      <Cell className={classes.select}>
        {selectable && (
          <Checkbox
            size="xs"
            checked={selected}
            onChange={() => props.onSelect(id)}
            aria-label={words.select(reference)}
            tabIndex={-1}
          />
        )}
      </Cell>
      <Cell className={classes.severity}>
        <SeverityBadge severity={severity} compact />
      </Cell>
      <Cell className={classes.reference}>
        <Marked parts={highlights.number} plain={reference} />
      </Cell>
      <Cell className={classes.title}>
        <Link
          to="/incidents/$id"
          params={{ id }}
          className={classes.link}
          data-incident={id}
          onFocus={() => props.onFocus(id)}
        >
          <Marked parts={highlights.title} plain={incident.title} />
        </Link>
        {flapping && (
          <span className={classes.flapping} title={words.flapping}>
            <IconWaveSine size={14} aria-hidden="true" />
            <span className="visually-hidden">{words.flapping}</span>
          </span>
        )}
        {excerpt && (
          <span className={classes.excerpt}>
            <Marked parts={excerpt} plain="" />
          </span>
        )}
      </Cell>
      <Cell className={classes.act}>
        {!acknowledged && mayAcknowledge(incident) && (
          <Button
            size="compact-xs"
            variant="default"
            className={classes.button}
            leftSection={<IconCheck size={12} />}
            aria-label={words.acknowledgeOne(reference)}
            onClick={() => props.onAcknowledge(incident)}
            tabIndex={-1}
          >
            {words.acknowledge}
          </Button>
        )}
      </Cell>
      <Cell className={classes.service}>
        <Marked parts={highlights.service_name} plain={service_name} />
      </Cell>
      <Cell className={classes.state}>
        <StateBadge state={state} />
      </Cell>
      <Cell className={classes.alerts}>
        <span title={words.alerts(firing_count, alert_count)} data-firing={firing_count > 0}>
          <span aria-hidden="true">
            {firing_count}/{alert_count}
          </span>
          <span className="visually-hidden">{words.alerts(firing_count, alert_count)}</span>
        </span>
      </Cell>
      <Cell className={classes.assignee}>
        <Assignee name={assignee?.name ?? null} />
      </Cell>
      <Cell className={classes.opened}>
        <TimeAgo at={incident.created_at} />
      </Cell>
    </div>
  )
})

function Cell({ className, children }: { className: string | undefined; children: React.ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: as the row
    // biome-ignore lint/a11y/useFocusableInteractive: the links and boxes in it take the focus
    <div role="gridcell" className={className}>
      {children}
    </div>
  )
}

/** A text with what the search found in it marked. */
function Marked({ parts, plain }: { parts: Part[] | undefined; plain: string }) {
  if (!parts) return plain
  return parts.map(({ text: piece, match }, index) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text have no other identity
    return match ? <mark key={index}>{piece}</mark> : piece
  })
}

function Assignee({ name }: { name: string | null }) {
  const label = name === null ? words.nobody : words.assignedTo(name)
  const letters = (name ?? '').split(/\s+/).map(([first]) => first ?? '')
  return (
    <span className={classes.avatar} data-nobody={name === null} title={label}>
      <span aria-hidden="true">{letters.slice(0, 2).join('').toUpperCase()}</span>
      <span className="visually-hidden">{label}</span>
    </span>
  )
}
