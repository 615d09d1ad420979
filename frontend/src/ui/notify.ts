import type { NotificationData } from '@mantine/notifications'
import { wordsOf } from '@/api'

/** Shows a message for some seconds. What shows them is loaded with the first one. */
export async function notify(message: NotificationData): Promise<void> {
  const { show } = await import('./toasts')
  show(message)
}

/** Says that something was done. */
export function notifyDone(message: string): void {
  void notify({ message, color: 'teal', autoClose: 4_000 })
}

/** Says that something failed, in human words. */
export function notifyError(error: unknown): void {
  const { title, advice } = wordsOf(error)
  void notify({ title, message: advice, color: 'red', autoClose: 8_000 })
}
