import { text } from '@/text'

/** How sure a hypothesis is, as a word and in whole percent; `score` in 0-1. */
export function confidence(score: number): { percent: number; level: Level; word: string } {
  const level = LEVELS.find(([least]) => score >= least)?.[1] ?? 'none'
  return { percent: Math.round(score * 100), level, word: text.hypotheses.confidenceWords[level] }
}

export type Level = keyof typeof text.hypotheses.confidenceWords

const LEVELS: [number, Level][] = [
  [0.85, 'high'],
  [0.6, 'good'],
  [0.35, 'fair'],
  [0.15, 'low'],
]
