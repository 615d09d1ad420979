import { useInterval } from '@mantine/hooks'
import { useState } from 'react'
import { text } from '@/text'
import { duration } from '@/ui'
import type { Incident } from './incident'
import classes from './incident.module.css'
import { vitalsOf } from './vitals'

const words = text.incident.vitals
const TICK = 5_000 // milliseconds

/** How long the incident has been open, and how fast its stations were reached. */
export function Vitals({ incident }: { incident: Incident }) {
  const [now, setNow] = useState(() => Date.now())
  useInterval(() => setNow(Date.now()), TICK, { autoInvoke: true })
  const { open, isOver, acknowledged, mitigated, resolved } = vitalsOf(incident, now)
  const stations: [string, number | null][] = [
    [words.acknowledge, acknowledged],
    [words.mitigate, mitigated],
    [words.resolve, resolved],
  ]
  return (
    <dl className={classes.vitals} aria-label={words.label}>
      <div>
        <dt>{isOver ? words.wasOpen : words.open}</dt>
        <dd>{duration(Math.round(open))}</dd>
      </div>
      {stations.map(([name, seconds]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd data-none={seconds === null}>{seconds === null ? words.notYet : duration(Math.round(seconds))}</dd>
        </div>
      ))}
      <div>
        <dt>{words.alerts}</dt>
        <dd data-firing={incident.firing_count > 0}>{words.ofAlerts(incident.firing_count, incident.alert_count)}</dd>
      </div>
    </dl>
  )
}
