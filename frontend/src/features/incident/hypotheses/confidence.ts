import { text } from '@/text'

/** How sure a hypothesis is, as a word and in whole percent; `score` in 0-1. */
export function confidence(score: number): { percent: number; level: Level; word: string } {
  const percent = Math.round(score * 100)
  const level = LEVELS.find(([least]) => percent >= least)?.[1] ?? 'none'
  return { percent, level, word: text.hypotheses.confidenceWords[level] }
}

export type Level = keyof typeof text.hypotheses.confidenceWords

const LEVELS: [number, Level][] = [
  [85, 'high'],
  [60, 'good'],
  [35, 'fair'],
  [15, 'low'],
]
