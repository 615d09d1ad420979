import { IconChevronRight } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useId, useState } from 'react'
import type { Model } from '@/api'
import { text } from '@/text'
import { DataTable, duration, TimeAgo } from '@/ui'
import classes from './audit.module.css'
import { actionName, said } from './values'

const words = text.audit.entry
type AnyEntry = Model<'EntryOut'>
type Call = Extract<AnyEntry, { kind: 'call' }>
type Change = Extract<AnyEntry, { kind: 'change' }>

/** One entry in a line, and all that is known of it when it is opened. */
export function Entry({ entry }: { entry: AnyEntry }) {
  const [isOpen, setOpen] = useState(false)
  const id = useId()
  return (
    <li>
      <button
        type="button"
        className={classes.entry}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        <IconChevronRight size={14} className={classes.chevron} aria-hidden="true" />
        <span className={classes.action}>{actionName(entry.action)}</span>
        <span className={classes.what}>{entry.kind === 'call' ? <Called call={entry} /> : summary(entry)}</span>
        <span className={classes.actor}>{entry.actor.name || words.actors[entry.actor.kind]}</span>
        <span className={classes.at}>
          <TimeAgo at={entry.at} />
        </span>
      </button>
      {isOpen && (
        <div id={id} className={classes.details}>
          {entry.kind === 'call' ? <CallDetails call={entry} /> : <ChangeDetails change={entry} />}
        </div>
      )}
    </li>
  )
}

function Called({ call }: { call: Call }) {
  return (
    <>
      <span className={classes.outcome} data-outcome={call.outcome}>
        {call.status}
      </span>{' '}
      <code>
        {call.method} {call.path}
      </code>
    </>
  )
}

function summary({ changes, note }: Change): string {
  const fields = Object.entries(changes).map(
    ([field, { before, after }]) => `${field}: ${said(before)} → ${said(after)}`,
  )
  return fields.join(' · ') || note
}

function ChangeDetails({ change }: { change: Change }) {
  const fields = Object.entries(change.changes)
  return (
    <>
      {fields.length > 0 && (
        <DataTable
          label={words.changes}
          columns={[{ label: words.field }, { label: words.before }, { label: words.after }]}
        >
          {fields.map(([field, { before, after }]) => (
            <tr key={field}>
              <td>{field}</td>
              <td>
                <del className={classes.before}>{said(before)}</del>
              </td>
              <td>
                <ins className={classes.after}>{said(after)}</ins>
              </td>
            </tr>
          ))}
        </DataTable>
      )}
      <Facts
        facts={[
          [words.by, change.actor.name || words.actors[change.actor.kind]],
          [words.note, change.note],
          [words.resource, change.resource_id],
          [words.trace, change.trace_id],
          ...Object.entries(change.details).map(([name, value]): [string, string] => [name, said(value)]),
        ]}
      />
      {change.incident_id && (
        <Link to="/incidents/$id" params={{ id: change.incident_id }} className={classes.link}>
          {words.incident}
        </Link>
      )}
    </>
  )
}

function CallDetails({ call }: { call: Call }) {
  return (
    <Facts
      facts={[
        [words.by, call.actor.name || words.actors[call.actor.kind]],
        [words.outcome, `${text.audit.outcomes[call.outcome]} (${call.status})`],
        [words.took, duration(call.duration_ms / 1000)],
        [words.address, call.address],
        [words.request, call.request_id],
        [words.trace, call.trace_id],
      ]}
    />
  )
}

function Facts({ facts }: { facts: [string, string][] }) {
  return (
    <dl className={classes.facts}>
      {facts
        .filter(([, value]) => value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}
