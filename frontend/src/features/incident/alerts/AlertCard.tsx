import { Anchor, Collapse, Title, UnstyledButton } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronRight, IconExternalLink } from '@tabler/icons-react'
import { useId } from 'react'
import type { Model } from '@/api'
import { text } from '@/text'
import { duration, SeverityBadge, TimeAgo } from '@/ui'
import classes from '../incident.module.css'
import { linksOf } from './links'

const words = text.incident.alerts

type AlertOut = Model<'AlertOut'>

/** An alert: how it stands, where it leads, why it is here, and all that it says. */
export function AlertCard({ alert }: { alert: AlertOut }) {
  const [open, { toggle }] = useDisclosure(false)
  const details = useId()
  const { grouping, annotations } = alert
  const about = annotations.description ?? annotations.message
  return (
    <li className={classes.card} data-status={alert.status}>
      <div className={classes.cardHead}>
        <SeverityBadge severity={alert.severity} compact />
        <Title order={3} className={classes.cardTitle}>
          {alert.title}
        </Title>
        <span className={classes.status} data-status={alert.status}>
          {words[alert.status]}
        </span>
      </div>
      <p className={classes.cardMeta}>
        {alert.service_name && <span>{alert.service_name}</span>}
        <Lasting alert={alert} />
        {alert.flapping && <span className={classes.flapping}>{words.flapping}</span>}
        {alert.held && <span>{words.held[alert.held.reason]}</span>}
        {alert.lapsed_at && <span>{words.lapsed}</span>}
        {alert.cut && <span>{words.cut}</span>}
      </p>
      {about && <p className={classes.about}>{about}</p>}
      <Links alert={alert} />
      <div className={classes.why}>
        <span className={classes.dim}>
          {words.why}: {words.rules[grouping.rule]}
        </span>
        <Pairs of={grouping.values} />
      </div>
      <UnstyledButton className={classes.more} aria-expanded={open} aria-controls={details} onClick={toggle}>
        <IconChevronRight size={14} aria-hidden="true" data-open={open} />
        {words.details}
      </UnstyledButton>
      <Collapse expanded={open} id={details}>
        <div className={classes.details}>
          <Title order={4}>{words.labels}</Title>
          <Pairs of={alert.labels} />
          {Object.keys(annotations).length > 0 && (
            <>
              <Title order={4}>{words.annotations}</Title>
              <dl className={classes.annotations}>
                {Object.entries(annotations).map(([name, value]) => (
                  <div key={name} className={classes.annotation}>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                  </div>
                ))}
              </dl>
            </>
          )}
          <Title order={4}>{words.fingerprint}</Title>
          <code>{alert.fingerprint}</code>
        </div>
      </Collapse>
    </li>
  )
}

function Lasting({ alert: { status, starts_at, ends_at } }: { alert: AlertOut }) {
  if (status === 'firing' || ends_at === null) {
    return (
      <span>
        {words.firingSince} <TimeAgo at={starts_at} />
      </span>
    )
  }
  const seconds = Math.max(0, (Date.parse(ends_at) - Date.parse(starts_at)) / 1000)
  return (
    <>
      <span>
        {words.resolved} <TimeAgo at={ends_at} />
      </span>
      <span>{words.lasted(duration(seconds))}</span>
    </>
  )
}

function Links({ alert }: { alert: AlertOut }) {
  const links = linksOf(alert)
  if (links.length === 0) return null
  return (
    <nav className={classes.links} aria-label={words.linksOf(alert.title)}>
      {links.map(({ name, href }) => (
        <Anchor key={name} href={href} target="_blank" rel="noopener noreferrer nofollow" size="sm">
          {words.links[name]}
          <IconExternalLink size={13} aria-hidden="true" />
        </Anchor>
      ))}
    </nav>
  )
}

function Pairs({ of }: { of: Record<string, string> }) {
  return (
    <ul className={classes.labels}>
      {Object.entries(of).map(([name, value]) => (
        <li key={name} className={classes.label}>
          <span>{name}</span> {value}
        </li>
      ))}
    </ul>
  )
}
