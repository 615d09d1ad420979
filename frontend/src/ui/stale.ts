import { ApiError, lookAgain } from '@/api'
import { notifyError } from './notify'

/**
 * Where somebody else changed a thing meanwhile: says so, fetches the newer one, and closes the form with the older.
 * Other errors are the form's own.
 */
export async function tellStale(
  error: unknown,
  close: () => void,
  ...paths: Parameters<typeof lookAgain>
): Promise<void> {
  if (!(error instanceof ApiError) || error.status !== 412) return
  notifyError(error)
  close()
  await lookAgain(...paths)
}
