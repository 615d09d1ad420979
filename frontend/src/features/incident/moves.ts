import { text } from '@/text'
import type { Incident } from './incident'

type State = Incident['state']

/** The move that a button makes at once: the first one that needs no reason. */
export function nextMove({ allowed_transitions, notes_needed }: Moves): State | null {
  return allowed_transitions.find((to) => !notes_needed.includes(to)) ?? null
}

/** What a move is called; going back to work on what was over is to reopen it. */
export function moveName(from: State, to: State): string {
  const words = text.incident.move
  return to === 'investigating' && DONE_WITH.includes(from) ? words.reopen : words.to[to]
}

type Moves = Pick<Incident, 'allowed_transitions' | 'notes_needed'>

const DONE_WITH: readonly State[] = ['mitigated', 'resolved', 'inconclusive']
