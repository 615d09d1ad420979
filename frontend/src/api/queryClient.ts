import { QueryClient } from '@tanstack/react-query'
import { ApiError } from './problem'
import type { paths } from './schema'

const MOST_TRIES = 3

/** Whether asking again may help: no answer, or trouble on the other side. The session has waited for too many at once. */
export function mayRetry(failures: number, error: unknown): boolean {
  const passing = error instanceof ApiError && (error.status === 0 || error.status >= 500)
  return passing && failures < MOST_TRIES
}

export const queryClient = new QueryClient({
  defaultOptions: {
    // What changes is told by realtime events; a tab that comes back looks again after this long, in milliseconds.
    queries: { staleTime: 15_000, retry: mayRetry, networkMode: 'always' },
    mutations: { retry: false, networkMode: 'always' },
  },
})

/** Asks anew for all that is shown of these paths, as after a change; resolves when it is there. */
export async function lookAgain(...stale: (keyof paths)[]): Promise<void> {
  await Promise.all(stale.map((path) => queryClient.invalidateQueries({ queryKey: ['get', path] })))
}
