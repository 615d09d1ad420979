import { useNavigate } from '@tanstack/react-router'
import { api } from '@/api'
import { notifyError } from '@/ui'
import { becomeSomebody } from './me'

/** Goes on in another project: everything that is shown belongs to it from then on. */
export function useSwitchProject(): (projectId: string) => void {
  const navigate = useNavigate()
  const { mutate } = api.useMutation('post', '/auth/switch-project', {
    onSuccess: async (signedIn) => {
      await becomeSomebody(signedIn)
      await navigate({ to: '/', search: {} })
    },
    onError: notifyError,
  })
  return (projectId) => mutate({ body: { project_id: projectId } })
}
