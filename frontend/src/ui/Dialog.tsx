import { Drawer, Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { text } from '@/text'
import { useFocusBack } from './useFocusBack'

type Props = {
  heading: string
  onClose: () => void
  children: ReactNode
}

type DialogProps = Props & {
  size?: string
  /** Whether only a button ends it, as where a secret is shown this once. */
  isFirm?: boolean
}

/** A dialog; shown as long as it is rendered. A click beside it loses nothing that was typed. */
export function Dialog({ heading, onClose, size = 'md', isFirm = false, children }: DialogProps) {
  useFocusBack()
  return (
    <Modal opened onClose={onClose} title={heading} size={size} closeOnClickOutside={false} closeOnEscape={!isFirm}>
      {children}
    </Modal>
  )
}

/** All that is known of one thing, beside the list that it was chosen from; shown as long as it is rendered. */
export function SidePanel({ heading, onClose, width, children }: Props & { width: number }) {
  useFocusBack()
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={width}
      title={heading}
      closeButtonProps={{ 'aria-label': text.common.close }}
    >
      {children}
    </Drawer>
  )
}
