import { notifications } from '@mantine/notifications'
import { wordsOf } from '@/api'

/** Says that something was done. */
export function notifyDone(message: string): void {
  notifications.show({ message, color: 'teal', autoClose: 4_000 })
}

/** Says that something failed, in human words. */
export function notifyError(error: unknown): void {
  const { title, advice } = wordsOf(error)
  notifications.show({ title, message: advice, color: 'red', autoClose: 8_000 })
}
