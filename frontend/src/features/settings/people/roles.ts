import type { Model } from '@/api'

export type Role = Model<'Role'>
type Member = Pick<Model<'MemberOut'>, 'user_id' | 'role' | 'disabled_at'>

const ROLES: Role[] = ['owner', 'admin', 'engineer', 'viewer']

/** The roles that somebody may give: their own and the lower ones. */
export const rolesBelow = (role: Role | null): Role[] => (role === null ? [] : ROLES.slice(ROLES.indexOf(role)))

/** Whether a project would be left without an owner if this one were not. */
export const isLastOwner = (member: Member, all: Member[]): boolean =>
  member.role === 'owner' && !all.some(({ user_id, role }) => role === 'owner' && user_id !== member.user_id)
