import '@mantine/notifications/styles.css'

import { type NotificationData, notifications } from '@mantine/notifications'

export { Notifications } from '@mantine/notifications'

export function show(message: NotificationData): void {
  notifications.show(message)
}

export function hide(id: string): void {
  notifications.hide(id)
}
