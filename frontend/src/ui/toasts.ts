import '@mantine/notifications/styles.css'

import { type NotificationData, notifications } from '@mantine/notifications'

export { Notifications } from '@mantine/notifications'

/** Shows a message, in the place of the one with the same `id` where that is still shown. */
export function show(message: NotificationData): void {
  notifications.show(message)
  if (message.id) notifications.update(message)
}

export function hide(id: string): void {
  notifications.hide(id)
}
