import { Button, Group, Stack, Text } from '@mantine/core'
import { text } from '@/text'
import { Dialog, Snippet } from '@/ui'

type Props = {
  heading: string
  about: string
  secret: string
  /** What the button that copies it is called. */
  label: string
  onClose: () => void
}

/** A secret that is shown this once. */
export function OnceDialog({ heading, about, secret, label, onClose }: Props) {
  return (
    <Dialog heading={heading} onClose={onClose} size="lg" isFirm>
      <Stack gap={14}>
        <Text size="sm">{about}</Text>
        <Snippet code={secret} label={label} wraps />
        <Group justify="flex-end">
          <Button onClick={onClose}>{text.settings.kept}</Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
