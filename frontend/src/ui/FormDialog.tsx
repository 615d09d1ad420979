import { Alert, Button, Group, Stack } from '@mantine/core'
import type { FormEvent, ReactNode } from 'react'
import { ApiError, wordsOf } from '@/api'
import { text } from '@/text'
import { Dialog } from './Dialog'

type Props = {
  heading: string
  /** What the button that sends it says. */
  submit: string
  isPending: boolean
  /** Why the last try failed, if it did; errors of single fields are beside the fields. */
  error: unknown
  onSubmit: (event: FormEvent<HTMLFormElement>) => void
  onClose: () => void
  size?: string
  /** Whether something is still missing that it cannot be sent without. */
  isIncomplete?: boolean
  /** The inputs. */
  children: ReactNode
}

/** A form in a dialog; shown as long as it is rendered. */
export function FormDialog({ heading, submit, isPending, error, onSubmit, onClose, children, ...props }: Props) {
  const { size = 'md', isIncomplete = false } = props
  return (
    <Dialog heading={heading} onClose={onClose} size={size}>
      <form onSubmit={onSubmit} noValidate>
        <Stack gap={14}>
          <Refusal error={error} />
          {children}
          <Group justify="flex-end" gap={8} mt={4}>
            <Button variant="default" onClick={onClose}>
              {text.common.cancel}
            </Button>
            <Button type="submit" loading={isPending} disabled={isIncomplete}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  )
}

/** Why something was refused, inside a form. */
export function Refusal({ error }: { error: unknown }) {
  if (error == null || (error instanceof ApiError && error.status === 412)) return null
  const { title, advice, requestId } = wordsOf(error)
  return (
    <Alert color="red" variant="light" title={title} role="alert" style={{ whiteSpace: 'pre-line' }}>
      {advice}
      {requestId && <div className="tabular">{text.common.requestId(requestId)}</div>}
    </Alert>
  )
}
