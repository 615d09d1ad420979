import { Alert, Button, PasswordInput, type PasswordInputProps, Stack, Text, Title } from '@mantine/core'
import type { FormEvent, ReactNode } from 'react'
import { ApiError, wordsOf } from '@/api'
import { text } from '@/text'
import { useWindowTitle } from '@/ui'
import classes from './access.module.css'

type Props = {
  heading: string
  about: string
  submit: string
  pending: boolean
  /** Why the last try failed, if it did. */
  error: unknown
  onSubmit: (event: FormEvent<HTMLFormElement>) => void
  /** The inputs. */
  children: ReactNode
  /** Links to the other pages. */
  foot?: ReactNode
}

/** A card with a form: what all pages without sign-in are. */
export function AccessForm({ heading, about, submit, pending, error, onSubmit, children, foot }: Props) {
  useWindowTitle(heading)
  return (
    <>
      <Title order={1}>{heading}</Title>
      <Text c="dimmed" size="sm" mt={4} mb={20}>
        {about}
      </Text>
      <form onSubmit={onSubmit} noValidate>
        <Stack gap={14}>
          {error != null && <Refusal error={error} />}
          {children}
          <Button type="submit" loading={pending} fullWidth size="md" mt={4}>
            {submit}
          </Button>
        </Stack>
      </form>
      {foot && <div className={classes.foot}>{foot}</div>}
    </>
  )
}

/** Errors of single fields are beside the fields. */
function Refusal({ error }: { error: unknown }) {
  if (error instanceof ApiError && error.problem.errors?.length) return null
  const { title, advice } = wordsOf(error)
  return (
    <Alert color="red" variant="light" title={title} role="alert">
      {advice}
    </Alert>
  )
}

/** Where a new password is chosen. */
export function NewPassword(props: PasswordInputProps) {
  const { newPassword, passwordRule } = text.access
  return <PasswordInput label={newPassword} description={passwordRule} autoComplete="new-password" {...props} />
}

/** What a new password has to be; the API knows the common ones as well. */
export const longEnough = (password: string) => (password.length < 12 ? text.access.tooShort : null)
export const given = (value: string) => (value.trim() ? null : text.access.needed)
export const address = (value: string) => (/^\S+@\S+\.\S+$/.test(value) ? null : text.access.notAnAddress)
