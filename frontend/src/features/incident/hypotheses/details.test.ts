import { expect, test } from 'vitest'
import { costNote, factsOf, gapsOf, modelNote } from './details'
import type { Step } from './runs'

const step = (step_type: string, detail: Record<string, unknown>): Step => ({
  incident_id: 'i',
  run: 1,
  step_type,
  status: 'completed',
  started_at: null,
  finished_at: null,
  detail,
})

test('a step tells what came out of it', () => {
  expect(factsOf(step('evidence_collected', { evidence: 1 }))).toBe('1 evidence item')
  expect(factsOf(step('candidates_generated', { candidates: 7, generator: 'rules' }))).toBe('7 candidates by rules')
  expect(factsOf(step('published', {}))).toBe('')
})

test('sources that could not be looked at are named', () => {
  expect(gapsOf([step('evidence_collected', { gaps: ['Prometheus did not answer'] })])).toEqual([
    'Prometheus did not answer',
  ])
  expect(gapsOf([])).toEqual([])
})

test('what the model had to do with it is said, and so is why it was not asked', () => {
  const note = (model: unknown) => modelNote([step('candidates_generated', { model })])
  expect(note({ asked: false, why: 'over_budget' })).toContain('budget')
  expect(note({ asked: true, outcome: 'rate_limited' })).toContain('rate limited')
  expect(
    note({ asked: true, outcome: 'answered', model: 'm', input_tokens: 900, output_tokens: 200, cost_usd: 0.01 }),
  ).toBe('m: 1,100 tokens, $0.0100')
  expect(note({})).toBeNull()
})

test('what the model has cost is said once it was asked', () => {
  const people = { people_seconds: 0, people: [] }
  const cost = { ...people, model_calls: 1, input_tokens: 900, output_tokens: 200, model_usd: 0.01 }
  expect(costNote(cost)).toBe('Language model cost: $0.0100 (1 call, 1,100 tokens)')
  expect(costNote({ ...cost, model_calls: 0, input_tokens: 0, output_tokens: 0, model_usd: 0 })).toBeNull()
})
