import { Button, type ButtonProps, Group, Popover, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { text } from '@/text'

type Props = Omit<ButtonProps, 'onClick'> & {
  /** What will happen, in one sentence. */
  sure: string
  onConfirm: () => void
  children: ReactNode
}

/** A button for what cannot be undone: it asks once more, beside itself. */
export function ConfirmButton({ sure, onConfirm, children, ...button }: Props) {
  const [asking, { toggle, close }] = useDisclosure(false)
  return (
    <Popover opened={asking} onChange={close} withArrow trapFocus returnFocus position="bottom-end" width={280}>
      <Popover.Target>
        <Button variant="default" {...button} onClick={toggle}>
          {children}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Text size="sm">{sure}</Text>
        <Group justify="flex-end" gap={8} mt={12}>
          <Button variant="default" size="xs" onClick={close}>
            {text.common.cancel}
          </Button>
          <Button
            color="red.8"
            size="xs"
            onClick={() => {
              close()
              onConfirm()
            }}
          >
            {text.common.confirm}
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  )
}
