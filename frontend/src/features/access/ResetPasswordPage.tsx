import { Alert, Anchor } from '@mantine/core'
import { useForm } from '@mantine/form'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api, fieldErrors } from '@/api'
import { text } from '@/text'
import { EmptyState } from '@/ui'
import { AccessForm, longEnough, NewPassword } from './AccessForm'
import { tokenOf } from './links'

const words = text.access

export default function ResetPasswordPage() {
  const [token] = useState(() => tokenOf(window.location.hash))
  const form = useForm({ initialValues: { password: '' }, validate: { password: longEnough } })
  const reset = api.useMutation('post', '/auth/password/reset', {
    onError: (error) => form.setErrors(fieldErrors(error)),
  })
  const again = (
    <Anchor component={Link} to={reset.isSuccess ? '/sign-in' : '/forgot-password'} size="sm">
      {reset.isSuccess ? words.signIn.submit : words.reset.again}
    </Anchor>
  )
  if (!token)
    return (
      <EmptyState {...words.reset.noToken} order={1}>
        {again}
      </EmptyState>
    )
  return (
    <AccessForm
      {...words.reset}
      pending={reset.isPending}
      error={reset.error}
      onSubmit={form.onSubmit((body) => reset.mutate({ body: { ...body, token } }))}
      foot={again}
    >
      {reset.isSuccess && (
        <Alert variant="light" color="teal" role="status">
          {words.reset.done}
        </Alert>
      )}
      <NewPassword {...form.getInputProps('password')} />
    </AccessForm>
  )
}
