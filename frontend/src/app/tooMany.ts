import { ApiError, queryClient, wordsOf } from '@/api'
import { notify } from '@/ui'

const SHOWN = 8_000 // milliseconds

/** Says, once at a time, that what is shown could not be brought up to date: the page had asked too often. */
export function tellWhenTooMany(): void {
  queryClient.getQueryCache().subscribe((event) => {
    if (event.type !== 'updated' || event.action.type !== 'error') return
    const { error } = event.action as { error: unknown }
    // Where there is nothing to show yet, the page shows the error itself.
    if (event.query.state.data === undefined || !(error instanceof ApiError) || error.status !== 429) return
    const { title, advice } = wordsOf(error)
    void notify({ id: 'too-many', title, message: advice, color: 'yellow', autoClose: SHOWN })
  })
}
