import type { Model } from '@/api'
import { text } from '@/text'
import type { Step } from './runs'

const words = text.pipeline

/** What came out of a step, in few words; its detail is JSON that differs from step to step. */
export function factsOf({ step_type, detail }: Step): string {
  if (step_type === 'evidence_collected' && typeof detail.evidence === 'number') return words.evidence(detail.evidence)
  if (step_type === 'candidates_generated' && typeof detail.candidates === 'number') {
    return words.candidates(detail.candidates, String(detail.generator))
  }
  if (step_type === 'hypotheses_scored' && typeof detail.outcome === 'string') {
    return words.outcome[detail.outcome] ?? detail.outcome
  }
  if (step_type === 'published' && typeof detail.hypotheses === 'number') return words.hypotheses(detail.hypotheses)
  return typeof detail.reason === 'string' ? detail.reason : ''
}

/** The sources that could not be looked at. */
export function gapsOf(steps: readonly Step[]): string[] {
  const gaps = steps.find(({ step_type }) => step_type === 'evidence_collected')?.detail.gaps
  return Array.isArray(gaps) ? gaps.map(String) : []
}

/** What the language model had to do with a run; null where nothing is to be said. */
export function modelNote(steps: readonly Step[]): string | null {
  const told: unknown = steps.find(({ step_type }) => step_type === 'candidates_generated')?.detail.model
  if (typeof told !== 'object' || told === null) return null
  const { why, outcome, model, input_tokens, output_tokens, cost_usd } = told as Record<string, unknown>
  if (typeof why === 'string') return text.hypotheses.model[why] ?? null
  if (outcome !== 'answered') return typeof outcome === 'string' ? text.hypotheses.modelFailed(outcome) : null
  const tokens = whole(Number(input_tokens ?? 0) + Number(output_tokens ?? 0))
  return text.hypotheses.modelAsked(String(model), tokens, dollars(Number(cost_usd ?? 0)))
}

/** What the language model has cost an incident in all its runs; null where it was never asked. */
export function costNote(cost: Model<'CostOut'>): string | null {
  const { model_calls, input_tokens, output_tokens, model_usd } = cost
  if (model_calls === 0) return null
  return text.hypotheses.cost(model_calls, whole(input_tokens + output_tokens), dollars(model_usd))
}

const whole = (value: number) => new Intl.NumberFormat('en').format(value)
const dollars = (value: number) => `$${value.toFixed(4)}`
