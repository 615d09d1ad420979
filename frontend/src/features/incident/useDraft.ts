import { skipToken, useQuery } from '@tanstack/react-query'
import { queryClient } from '@/api'

/** What somebody is writing, which stays while they look elsewhere in the app, and goes when they sign out. */
export function useDraft<Draft>(...name: string[]): [Draft | null, (draft: Draft | null) => void] {
  const queryKey = ['draft', ...name]
  const { data } = useQuery<Draft | null>({
    queryKey,
    queryFn: skipToken,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  })
  return [data ?? null, (draft) => queryClient.setQueryData(queryKey, draft)]
}
