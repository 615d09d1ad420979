import { api } from '@/api'
import { useMe } from '@/app/me'

/** Who works in the project, and what they are called; nobody while that is not known. */
export function useMembers() {
  const project = useMe().project_id
  const found = api.useQuery(
    'get',
    '/projects/{project_id}/members',
    { params: { path: { project_id: project ?? '' } } },
    { enabled: project !== null },
  )
  const members = found.data?.items ?? []
  return { members, nameOf: (id: string) => members.find(({ user_id }) => user_id === id)?.name }
}
