import { Alert, Anchor, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { Link } from '@tanstack/react-router'
import { api } from '@/api'
import { text } from '@/text'
import { AccessForm, address } from './AccessForm'

const words = text.access

export default function ForgotPasswordPage() {
  const form = useForm({ initialValues: { email: '' }, validate: { email: address } })
  const forgot = api.useMutation('post', '/auth/password/forgot')
  return (
    <AccessForm
      {...words.forgot}
      pending={forgot.isPending}
      error={forgot.error}
      onSubmit={form.onSubmit((body) => forgot.mutate({ body }))}
      foot={
        <Anchor component={Link} to="/sign-in" size="sm">
          {words.forgot.back}
        </Anchor>
      }
    >
      {forgot.isSuccess && (
        <Alert variant="light" color="teal" role="status">
          {words.forgot.sent}
        </Alert>
      )}
      <TextInput label={words.email} type="email" autoComplete="username" {...form.getInputProps('email')} />
    </AccessForm>
  )
}
