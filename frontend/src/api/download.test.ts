import { expect, test, vi } from 'vitest'

vi.stubGlobal('window', { location: { origin: 'http://app' } })
const { nextPart, paramsOf } = await import('./download')

test('a file goes on where its link header leads', () => {
  const link = '<http://api.example/api/audit/export?kind=calls&cursor=a%2Bb>; rel="next"'
  expect(nextPart(link)?.get('cursor')).toBe('a+b')
})

test('a file without a link header is whole', () => {
  expect(nextPart(null)).toBeNull()
})

test('what is not given is not asked for, and several values stand in one', () => {
  expect(paramsOf({ of: 'trend', person: undefined, service: ['a', 'b'] }).toString()).toBe('of=trend&service=a%2Cb')
})
