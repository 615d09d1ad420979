import { useSuspenseQuery } from '@tanstack/react-query'
import { api, type Model, queryClient, session } from '@/api'
import { disconnect } from '@/realtime'
import { tellTabs } from './tabs'

export type Me = Model<'CallerOut'>
export type Permission = Me['permissions'][number]

const asked = api.queryOptions('get', '/auth/me')

/** Who is signed in, asked once; rejects with a 401 `ApiError` where nobody is. */
export const meQuery = {
  ...asked,
  staleTime: Number.POSITIVE_INFINITY,
}

/** Makes sure that it is known who is signed in, and takes their CSRF token. */
export async function loadMe(): Promise<Me> {
  const me = await queryClient.ensureQueryData(meQuery)
  session.take(me)
  return me
}

/** Who is signed in. For pages behind the sign-in. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data
}

/** Whether the person may do it: hide or explain what they may not. The API decides in any case. */
export function useMay(permission: Permission): boolean {
  return useMe().permissions.includes(permission)
}

/** Goes on as whom a sign-in, or a switch to another project, says: nothing of before stays, in this tab or another. */
export async function becomeSomebody(signedIn: Model<'SignedInOut'>): Promise<void> {
  disconnect()
  session.take(signedIn)
  tellTabs({ user: signedIn.user_id, project: signedIn.project_id })
  queryClient.removeQueries({ type: 'inactive' })
  await queryClient.fetchQuery({ ...meQuery, staleTime: 0 })
  await queryClient.resetQueries({ predicate: ({ queryKey }) => queryKey[1] !== meQuery.queryKey[1] })
}

/** Goes on in the session that the same person began in another tab: writes need its CSRF token. */
export async function goOnInSession(): Promise<void> {
  await queryClient.cancelQueries({ queryKey: meQuery.queryKey }) // what is on its way may be the old session's
  session.take(await queryClient.fetchQuery({ ...meQuery, staleTime: 0 }))
}

/** Forgets all, as after signing out. */
export function forgetEverything(): void {
  disconnect()
  session.take(null)
  queryClient.clear()
}
