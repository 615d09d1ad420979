import { expect, it } from 'vitest'
import { ApiError, fieldErrors, wordsOf } from './problem'
import { mayRetry } from './queryClient'

it('keeps the words of the API where they say more', () => {
  const error = new ApiError(409, { title: 'Not from here', detail: 'Allowed: resolved' }, 'r1')
  expect(wordsOf(error)).toEqual({ title: 'Not from here', advice: 'Allowed: resolved', requestId: 'r1' })
})

it('names the fields that are wrong', () => {
  const error = new ApiError(422, { title: 'Invalid', errors: [{ field: 'body.name', message: 'is needed' }] })
  expect(wordsOf(error).advice).toBe('body.name: is needed')
  expect(fieldErrors(error)).toEqual({ name: 'is needed' })
})

it('says when to come again', () => {
  expect(wordsOf(new ApiError(429, { title: 'Too many' }, null, 12)).advice).toBe('Try again in 12 seconds.')
})

it('hides what the other side says of its own troubles, and keeps the request id', () => {
  const words = wordsOf(new ApiError(500, { title: 'KeyError', detail: 'stack' }, 'r2'))
  expect(words.title).toBe('Something went wrong on our side')
  expect(words.requestId).toBe('r2')
})

it('says that the server cannot be reached', () => {
  expect(wordsOf(new ApiError(0, {})).title).toBe('Cannot reach the server')
})

it.each([new Error('bug'), 'text', undefined])('has words for %s', (error) => {
  expect(wordsOf(error).title).toBe('Something went wrong')
})

it.each([
  [0, true],
  [429, false],
  [503, true],
  [404, false],
  [401, false],
])('after status %i asks again: %s', (status, again) => {
  expect(mayRetry(0, new ApiError(status, {}))).toBe(again)
  expect(mayRetry(3, new ApiError(status, {}))).toBe(false)
})
