import type { LiveEvent } from '@/realtime'
import type { Severity, State } from '@/ui'

/** What somebody who looks elsewhere is told of an incident. */
export type Kind = 'opened' | 'resolved' | 'reopened' | 'explained'

/** One of them; `title` and `severity` where they are known. */
export type News = { kind: Kind; id: string; title: string; severity: Severity | null }

type Known = { title: string; severity: Severity; state: State }

const OVER: readonly State[] = ['mitigated', 'resolved', 'inconclusive']

/**
 * Makes news of events. A move is told only where the state before it is known: an event of a resolved incident may be about
 * its title. New hypotheses are told once of each incident, and not of one whose opening was told, which leads to them.
 */
export class Newsroom {
  private readonly known = new Map<string, Known>()
  private readonly explained = new Set<string>()

  /** The news in an event, if any; every event is to be shown to it, also those of which nobody is told. */
  take({ type, data }: LiveEvent): News | null {
    if (type === 'hypothesis.generated') return this.explain(String(data.incident_id))
    if (type !== 'incident.created' && type !== 'incident.updated') return null
    const { id, ...now } = data as Known & { id: string }
    const before = this.known.get(id)?.state
    this.known.set(id, now)
    if (type === 'incident.created') this.explained.add(id)
    const kind = type === 'incident.created' ? 'opened' : moveOf(before, now.state)
    return kind && { kind, id, title: now.title, severity: now.severity }
  }

  private explain(id: string): News | null {
    if (this.explained.has(id)) return null
    this.explained.add(id)
    const known = this.known.get(id)
    return { kind: 'explained', id, title: known?.title ?? '', severity: known?.severity ?? null }
  }
}

function moveOf(before: State | undefined, now: State): Kind | null {
  if (before === undefined || before === now) return null
  if (now === 'resolved') return 'resolved'
  return now === 'investigating' && OVER.includes(before) ? 'reopened' : null
}

/** News of one kind that are told in one message; `key` names the message. */
export type Message = { key: string; news: News[] }

/** Puts news that come while a message of their kind is shown, for `shown` milliseconds, into that message. */
export class Gatherer {
  private readonly current = new Map<Kind, Message & { since: number }>()

  constructor(private readonly shown: number) {}

  /** The message that tells news at `now`, in milliseconds; an incident is in it once. */
  take(news: News, now: number): Message {
    const open = this.current.get(news.kind)
    const isNew = open === undefined || now - open.since >= this.shown
    const before = isNew ? [] : open.news.filter(({ id }) => id !== news.id)
    const message = {
      key: isNew ? `${news.kind}-${now}` : open.key,
      since: isNew ? now : open.since,
      news: [...before, news],
    }
    this.current.set(news.kind, message)
    return message
  }
}
