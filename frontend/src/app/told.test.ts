import { expect, it } from 'vitest'
import { answerTo, type Told } from './told'

const me = { id: 'olga', project_id: 'shop' }

it.each<[Told, string]>([
  [{ user: 'olga', project: 'shop' }, 'other-session'],
  [{ user: 'olga', project: 'bank' }, 'other-project'],
  [{ user: 'vera', project: 'shop' }, 'other-person'],
  ['signed-out', 'sign-in'],
])('told %j, a tab answers %s', (told, answer) => expect(answerTo(told, me)).toBe(answer))

it.each<[Told]>([[{ user: 'olga', project: 'bank' }], [{ user: 'olga', project: 'shop' }], ['signed-out']])(
  'told %j, a tab where nobody is signed in stays as it is',
  (told) => expect(answerTo(told, null)).toBe('stay'),
)
