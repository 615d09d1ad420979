import { expect, test } from 'vitest'
import { isLastOwner, type Role, rolesBelow } from './roles'

const member = (user_id: string, role: Role) => ({ user_id, role, disabled_at: null })

test('nobody gives a role above their own', () => {
  expect(rolesBelow('engineer')).toEqual(['engineer', 'viewer'])
  expect(rolesBelow('owner')).toHaveLength(4)
  expect(rolesBelow(null)).toEqual([])
})

test('an owner is the last one while all others have other roles', () => {
  const ann = member('ann', 'owner')
  expect(isLastOwner(ann, [ann, member('bob', 'admin')])).toBe(true)
  expect(isLastOwner(ann, [ann, member('bob', 'owner')])).toBe(false)
  expect(isLastOwner(member('bob', 'admin'), [ann])).toBe(false)
})
