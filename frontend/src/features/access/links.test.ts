import { expect, it } from 'vitest'
import { ownPath, tokenOf } from './links'

it.each([
  ['#token=abc', 'abc'],
  ['token=abc', 'abc'],
  ['#', null],
  ['#other=1', null],
])('reads %s', (hash, token) => expect(tokenOf(hash)).toBe(token))

it.each([
  ['/incidents/1?q=a#b', '/incidents/1?q=a#b'],
  ['//evil.example/x', ''],
  ['/\\evil.example', ''],
  ['https://evil.example', ''],
  ['javascript:alert(1)', ''],
  [undefined, ''],
])('goes to %s as %s after sign-in', (next, path) => expect(ownPath(next)).toBe(path))
