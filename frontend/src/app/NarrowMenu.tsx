import { Drawer } from '@mantine/core'
import type { ReactNode } from 'react'
import { text } from '@/text'
import { useFocusBack } from '@/ui'

/** The sidebar of a narrow window, over the page. */
export default function NarrowMenu({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  useFocusBack()
  return (
    <Drawer.Root opened onClose={onClose} size={264} padding={0}>
      <Drawer.Overlay />
      <Drawer.Content aria-label={text.shell.menu}>
        <Drawer.Body h="100dvh">{children}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  )
}
