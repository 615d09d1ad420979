import { expect, test } from 'vitest'
import { moveName, nextMove } from './moves'

test('the button makes the first move that needs no reason', () => {
  const moves = { allowed_transitions: ['investigating', 'resolved'], notes_needed: ['investigating'] } as const
  expect(nextMove({ allowed_transitions: [...moves.allowed_transitions], notes_needed: [...moves.notes_needed] })).toBe(
    'resolved',
  )
})

test('there is no such button where every move needs a reason, or none is allowed', () => {
  expect(nextMove({ allowed_transitions: ['investigating'], notes_needed: ['investigating'] })).toBeNull()
  expect(nextMove({ allowed_transitions: [], notes_needed: [] })).toBeNull()
})

test('to go back to work is to reopen', () => {
  expect(moveName('resolved', 'investigating')).toBe('Reopen')
  expect(moveName('acknowledged', 'investigating')).toBe('Start investigating')
})
