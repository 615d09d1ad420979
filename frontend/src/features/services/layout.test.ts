import { expect, test } from 'vitest'
import { type Edge, layered } from './layout'

const edgesOf = (...pairs: string[]): Edge[] =>
  pairs.map((pair) => {
    const [caller = '', callee = ''] = pair.split('>')
    return { caller, callee }
  })

const layersOf = (ids: string[], edges: Edge[]) =>
  Object.fromEntries(layered(ids, edges).map(({ id, layer }) => [id, layer]))

test('a service stands after the last of its callers', () => {
  const edges = edgesOf('web>shop', 'shop>db', 'web>db')
  expect(layersOf(['db', 'web', 'shop'], edges)).toEqual({ web: 0, shop: 1, db: 2 })
})

test('a cycle is drawn, with one call going back', () => {
  const edges = edgesOf('web>a', 'a>b', 'b>c', 'c>a')
  expect(layersOf(['a', 'b', 'c', 'web'], edges)).toEqual({ web: 0, a: 1, b: 2, c: 3 })
})

test('services that call themselves, or only each other, have places', () => {
  expect(layersOf(['a', 'b'], edgesOf('a>a', 'a>b', 'b>a'))).toEqual({ a: 0, b: 1 })
})

test('calls of services that are not there are ignored', () => {
  expect(layersOf(['a'], edgesOf('a>gone', 'gone>a'))).toEqual({ a: 0 })
})

test('neighbours stand beside each other, so that calls do not cross', () => {
  const places = layered(['a', 'b', 'x', 'y'], edgesOf('a>y', 'b>x'))
  expect(places.filter(({ layer }) => layer === 1).map(({ id }) => id)).toEqual(['y', 'x'])
})

test('a chain of thousands is no trouble', () => {
  const ids = Array.from({ length: 5_000 }, (_, at) => `s${at}`)
  const edges = ids.slice(1).map((callee, at) => ({ caller: `s${at}`, callee }))
  expect(layersOf(ids, edges).s4999).toBe(4_999)
})
