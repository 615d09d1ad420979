import { useMe } from '@/app/me'

/** The id of the project that the person is in; pages behind the sign-in always have one. */
export function useProjectId(): string {
  const { project_id } = useMe()
  if (project_id === null) throw new Error('somebody signed in is in no project')
  return project_id
}
