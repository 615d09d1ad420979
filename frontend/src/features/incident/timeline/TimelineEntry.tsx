import {
  IconArrowRight,
  IconBell,
  IconBellCheck,
  IconBulb,
  IconCircleDot,
  IconFileText,
  IconMessage,
  IconPencil,
  IconSearch,
} from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { text } from '@/text'
import { TimeAgo } from '@/ui'
import type { Incident } from '../incident'
import classes from '../incident.module.css'
import { CommentCard } from './CommentCard'
import type { Entry, Event } from './entries'
import { otherOf, sentencesOf } from './sentence'

const words = text.timeline
const MOST_TITLES = 8

type Props = { entry: Entry; incident: Incident; nameOf: (id: string) => string | undefined }

/** One entry of the timeline. */
export function TimelineEntry({ entry, incident, nameOf }: Props) {
  const [Icon, tone] = iconOf(entry)
  return (
    <li className={classes.entry} data-kind={entry.kind}>
      <span className={classes.entryIcon} data-tone={tone} aria-hidden="true">
        <Icon size={14} stroke={1.8} />
      </span>
      <div className={classes.entryBody}>
        {entry.kind === 'comment' && <CommentCard comment={entry.comment} incident={incident} nameOf={nameOf} />}
        {entry.kind === 'alerts' && <AlertsEntry entry={entry} />}
        {entry.kind === 'event' && <EventEntry event={entry.event} incident={incident} nameOf={nameOf} />}
      </div>
    </li>
  )
}

function EventEntry({ event, incident, nameOf }: Omit<Props, 'entry'> & { event: Event }) {
  const other = otherOf(event, incident.id)
  const sentences = sentencesOf(event, nameOf)
  return (
    <>
      <p className={classes.sentence}>
        <strong>{actorOf(event, nameOf)}</strong> {sentences.join(', ')}
        {other && (
          <Link to="/incidents/$id" params={{ id: other }} className={classes.see}>
            {words.see}
          </Link>
        )}
        <span className={classes.when}>
          <TimeAgo at={event.at} />
        </span>
      </p>
      {event.note && <p className={classes.note}>{event.note}</p>}
    </>
  )
}

/** Who did it. What is ranked anew is the machine's doing, whoever set it off. */
function actorOf({ type, actor }: Event, nameOf: Props['nameOf']): string {
  if (actor.kind === 'system' || type === 'hypothesis.generated') return words.machine
  return nameOf(actor.id ?? '') ?? (actor.name || words.somebody)
}

function AlertsEntry({ entry }: { entry: Extract<Entry, { kind: 'alerts' }> }) {
  const { titles, type, at } = entry
  const tell = type === 'alert.fired' ? words.fired : words.resolved
  return (
    <>
      <p className={classes.sentence}>
        {tell(titles.length, titles[0] ?? '')}
        <span className={classes.when}>
          <TimeAgo at={at} />
        </span>
      </p>
      {titles.length > 1 && (
        <ul className={classes.titles}>
          {counted(titles)
            .slice(0, MOST_TITLES)
            .map(([title, count]) => (
              <li key={title}>{count > 1 ? `${title} × ${count}` : title}</li>
            ))}
        </ul>
      )}
    </>
  )
}

/** Each title once, and how often it is there. */
function counted(titles: readonly string[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const title of titles) counts.set(title, (counts.get(title) ?? 0) + 1)
  return [...counts]
}

function iconOf(entry: Entry): [typeof IconBell, string] {
  if (entry.kind === 'comment') return [IconMessage, 'plain']
  if (entry.kind === 'alerts') return entry.type === 'alert.fired' ? [IconBell, 'bad'] : [IconBellCheck, 'good']
  const { type, changes } = entry.event
  if (type === 'incident.created') return [IconCircleDot, 'bad']
  if (type.startsWith('hypothes')) return [IconBulb, 'accent']
  if (type.startsWith('postmortem')) return [IconFileText, 'plain']
  if (type.startsWith('evidence')) return [IconSearch, 'plain']
  return 'state' in changes ? [IconArrowRight, 'accent'] : [IconPencil, 'plain']
}
