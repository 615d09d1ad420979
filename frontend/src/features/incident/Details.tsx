import { Button, Select, Title } from '@mantine/core'
import type { Model } from '@/api'
import { useMay, useMe } from '@/app/me'
import { text } from '@/text'
import { Facts, Markdown, SeverityBadge, TimeAgo } from '@/ui'
import { type Incident, useChange } from './incident'
import classes from './incident.module.css'
import { useMembers } from './members'

const words = text.incident.details
const SEVERITIES: readonly Model<'Severity'>[] = ['critical', 'high', 'medium', 'low', 'info']
const NOBODY = ''

/** Whose job it is and what is known of the incident beside its alerts. */
export function Details({ incident }: { incident: Incident }) {
  const mayWrite = useMay('incident:write') && incident.archived_at === null && incident.merged_into === null
  const labels = Object.entries(incident.labels)
  return (
    <section className={classes.box} aria-labelledby="details-heading">
      <Title order={2} id="details-heading">
        {words.heading}
      </Title>
      <Facts>
        <dt>{words.assignee}</dt>
        <dd>{mayWrite ? <Assignee incident={incident} /> : (incident.assignee?.name ?? words.nobody)}</dd>
        <dt>{words.severity}</dt>
        <dd>{mayWrite ? <Severity incident={incident} /> : <SeverityBadge severity={incident.severity} />}</dd>
        <dt>{words.service}</dt>
        <dd>{incident.service_name || words.none}</dd>
        <dt>{words.started}</dt>
        <dd>
          <TimeAgo at={incident.started_at} />
        </dd>
        <dt>{words.changed}</dt>
        <dd>
          <TimeAgo at={incident.updated_at} />
        </dd>
      </Facts>
      {labels.length > 0 && (
        <ul className={classes.labels} aria-label={words.labels}>
          {labels.map(([name, value]) => (
            <li key={name} className={classes.label}>
              <span>{name}</span> {value}
            </li>
          ))}
        </ul>
      )}
      {incident.description && (
        <div className={classes.description}>
          <Markdown source={incident.description} />
        </div>
      )}
    </section>
  )
}

function Assignee({ incident }: { incident: Incident }) {
  const me = useMe()
  const { members } = useMembers()
  const { change, isPending } = useChange(incident)
  const { assignee } = incident
  const left = assignee && !members.some(({ user_id }) => user_id === assignee.id)
  const options = [
    { value: NOBODY, label: words.nobody },
    ...members
      .filter(({ disabled_at }) => disabled_at === null)
      .map(({ user_id, name }) => ({ value: user_id, label: name })),
    ...(left ? [{ value: assignee.id, label: assignee.is_member ? assignee.name : words.left(assignee.name) }] : []),
  ]
  return (
    <>
      <Select
        size="xs"
        aria-label={words.assignee}
        searchable
        data={options}
        value={assignee?.id ?? NOBODY}
        disabled={isPending}
        onChange={(value) => change({ assignee_id: value || null })}
      />
      {me.id && assignee?.id !== me.id && (
        <Button variant="subtle" size="compact-xs" mt={4} onClick={() => change({ assignee_id: me.id })}>
          {words.assignToMe}
        </Button>
      )}
    </>
  )
}

function Severity({ incident }: { incident: Incident }) {
  const { change, isPending } = useChange(incident)
  return (
    <Select
      size="xs"
      aria-label={words.severity}
      data={SEVERITIES.map((value) => ({ value, label: text.common.severity[value] }))}
      value={incident.severity}
      disabled={isPending}
      renderOption={({ option }) => <SeverityBadge severity={option.value as Model<'Severity'>} />}
      onChange={(value) => {
        const severity = SEVERITIES.find((one) => one === value)
        if (severity && severity !== incident.severity) change({ severity })
      }}
    />
  )
}
