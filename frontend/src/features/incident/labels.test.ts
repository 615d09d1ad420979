import { expect, test } from 'vitest'
import { labelsOf, rowsOf, withOneMore } from './labels'

test('labels survive being edited', () => {
  const labels = { team: 'payments', region: 'westeurope' }
  expect(labelsOf(rowsOf(labels))).toEqual(labels)
})

test('rows without a name are left out, and the last of one name counts', () => {
  const rows = [
    { key: 0, name: ' team ', value: 'payments' },
    { key: 1, name: '', value: 'lost' },
    { key: 2, name: 'team', value: ' search ' },
  ]
  expect(labelsOf(rows)).toEqual({ team: 'search' })
})

test('a new row has a key of its own', () => {
  expect(withOneMore([{ key: 4, name: 'a', value: 'b' }]).map(({ key }) => key)).toEqual([4, 5])
  expect(withOneMore([]).map(({ key }) => key)).toEqual([0])
})
