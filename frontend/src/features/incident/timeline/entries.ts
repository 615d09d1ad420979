import type { Model } from '@/api'

export type Event = Model<'EventOut'>
export type Comment = Model<'CommentOut'>

/** What the timeline shows in one place: an event, a comment, or alerts that fired or resolved together. */
export type Entry =
  | { kind: 'event'; id: string; at: string; event: Event }
  | { kind: 'comment'; id: string; at: string; comment: Comment }
  | { kind: 'alerts'; id: string; at: string; type: 'alert.fired' | 'alert.resolved'; titles: string[] }

const TOGETHER = 60_000 // milliseconds within which alerts of one kind are one entry

// Signs between parts of the machine; what follows from them is an event of its own.
const SILENT = new Set(['incident.alerts_moved', 'incident.refired', 'incident.quiet', 'alert.repeated'])

/** The entries of events and comments, newest first. Both are given oldest first. */
export function entriesOf(events: readonly Event[], comments: readonly Comment[]): Entry[] {
  const said = new Map(comments.map((comment) => [comment.id, comment]))
  const entries: Entry[] = []
  for (const event of events) {
    const comment = commentOf(event)
    if (comment !== undefined) {
      const found = comment === null ? undefined : said.get(comment)
      if (found) entries.push({ kind: 'comment', id: event.id, at: event.at, comment: found })
    } else if (event.type === 'alert.fired' || event.type === 'alert.resolved') {
      if (!joins(entries.at(-1), event)) entries.push(alertsOf(event, event.type))
    } else if (isTelling(event)) entries.push({ kind: 'event', id: event.id, at: event.at, event })
  }
  return entries.reverse()
}

/** The comment that an event says was added; null of one that was edited or deleted, which shows where it was added. */
function commentOf({ changes }: Event): string | null | undefined {
  const pair = pairOf(changes.comment)
  return pair && (pair[0] === null ? String(pair[1]) : null)
}

/** A field before and after, as `changes` has it. */
export function pairOf(change: unknown): [unknown, unknown] | undefined {
  return Array.isArray(change) ? [change[0], change[1]] : undefined
}

function isTelling({ type, changes, note }: Event): boolean {
  if (SILENT.has(type)) return false
  // Runs that find what the last one found are many.
  if (type === 'hypothesis.generated') return pairOf(changes.lead) !== undefined
  return type !== 'incident.updated' || Object.keys(changes).length > 0 || note !== ''
}

function joins(last: Entry | undefined, event: Event): boolean {
  if (last?.kind !== 'alerts' || last.type !== event.type) return false
  if (Date.parse(event.at) - Date.parse(last.at) > TOGETHER) return false
  last.titles.push(titleOf(event))
  return true
}

function alertsOf(event: Event, type: 'alert.fired' | 'alert.resolved'): Entry {
  return { kind: 'alerts', id: event.id, at: event.at, type, titles: [titleOf(event)] }
}

const titleOf = ({ data }: Event) => String(data.title ?? '')
