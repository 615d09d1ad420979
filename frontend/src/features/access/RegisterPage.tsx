import { Anchor, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { Link, useNavigate } from '@tanstack/react-router'
import { api, fieldErrors } from '@/api'
import { becomeSomebody } from '@/app/me'
import { text } from '@/text'
import { AccessForm, address, given, longEnough, NewPassword } from './AccessForm'

const words = text.access

export default function RegisterPage() {
  const navigate = useNavigate()
  const form = useForm({
    initialValues: { email: '', password: '', name: '', tenant_name: '' },
    validate: { email: address, password: longEnough, name: given, tenant_name: given },
  })
  const register = api.useMutation('post', '/auth/register', {
    onSuccess: async (signedIn) => {
      await becomeSomebody(signedIn)
      await navigate({ to: '/' })
    },
    onError: (error) => form.setErrors(fieldErrors(error)),
  })
  return (
    <AccessForm
      {...words.register}
      pending={register.isPending}
      error={register.error}
      onSubmit={form.onSubmit((body) => register.mutate({ body }))}
      foot={
        <>
          {words.register.known}{' '}
          <Anchor component={Link} to="/sign-in" size="sm">
            {words.register.signIn}
          </Anchor>
        </>
      }
    >
      <TextInput label={words.name} autoComplete="name" {...form.getInputProps('name')} />
      <TextInput label={words.organisation} autoComplete="organization" {...form.getInputProps('tenant_name')} />
      <TextInput label={words.email} type="email" autoComplete="username" {...form.getInputProps('email')} />
      <NewPassword label={words.password} {...form.getInputProps('password')} />
    </AccessForm>
  )
}
