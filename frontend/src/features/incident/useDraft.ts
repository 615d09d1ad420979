import { skipToken, useQuery } from '@tanstack/react-query'
import { queryClient } from '@/api'
import { leftOf } from './draft'

/**
 * What somebody is writing, which stays while they look elsewhere in the app, and goes when they sign out. `settle` is told
 * what was saved; what has been typed since then stays, as `goOn` makes it.
 */
export function useDraft<Draft>(...name: string[]) {
  const queryKey = ['draft', ...name]
  const { data } = useQuery<Draft | null>({
    queryKey,
    queryFn: skipToken,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  })
  const setDraft = (draft: Draft | null) => queryClient.setQueryData<Draft | null>(queryKey, draft)
  const settle = (saved: Draft | null, goOn = (left: Draft) => left) =>
    queryClient.setQueryData<Draft | null>(queryKey, (now = null) => {
      const left = leftOf(now, saved)
      return left === null ? null : goOn(left)
    })
  return { draft: data ?? null, setDraft, settle }
}
