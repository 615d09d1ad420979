import { useSyncExternalStore } from 'react'
import { text } from '@/text'
import { exactTime, relativeTime } from './time'

const TICK = 15_000 // milliseconds

// One timer for all times on the page.
let now = Date.now()
let ticking: ReturnType<typeof setInterval> | undefined
const watchers = new Set<() => void>()

function watch(watcher: () => void): () => void {
  if (watchers.size === 0) ticking = setInterval(tick, TICK)
  watchers.add(watcher)
  return () => {
    watchers.delete(watcher)
    if (watchers.size === 0) clearInterval(ticking)
  }
}

function tick(): void {
  now = Date.now()
  for (const watcher of watchers) watcher()
}

/** A time as people say it, and exactly, in the viewer's zone, when pointed at. */
export function TimeAgo({ at }: { at: string }) {
  const present = useSyncExternalStore(watch, () => now)
  const then = Date.parse(at)
  return (
    <time dateTime={at} title={exactTime(then)} className="tabular">
      {relativeTime(then, Math.max(present, Math.min(then, Date.now())), text.common.justNow)}
    </time>
  )
}
