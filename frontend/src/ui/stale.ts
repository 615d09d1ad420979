import { ApiError, fieldErrors, lookAgain } from '@/api'
import { text } from '@/text'
import { notifyDone, notifyError } from './notify'

type Paths = Parameters<typeof lookAgain>

const isStale = (error: unknown) => error instanceof ApiError && error.status === 412

/** Says why a change was refused; of what somebody else changed meanwhile, fetches the newer one. */
export async function tellRefusal(error: unknown, ...paths: Paths): Promise<void> {
  notifyError(error)
  if (isStale(error)) await lookAgain(...paths)
}

/**
 * Where somebody else changed a thing meanwhile: says so, fetches the newer one, and closes the form with the older.
 * Other errors are the form's own.
 */
export async function tellStale(error: unknown, close: () => void, ...paths: Paths): Promise<void> {
  if (!isStale(error)) return
  close()
  await tellRefusal(error, ...paths)
}

/** What the mutations of a form do when they are answered: saved, it closes; refused, `show` tells what is wrong where. */
export const answersOf = (
  stale: readonly Paths[number][],
  close: () => void,
  show: (wrong: Record<string, string>) => void,
) => ({
  onSuccess: async () => {
    await lookAgain(...stale)
    notifyDone(text.common.saved)
    close()
  },
  onError: async (error: unknown) => {
    show(fieldErrors(error))
    await tellStale(error, close, ...stale)
  },
})
