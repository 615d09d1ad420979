import { Alert, Anchor, PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { getRouteApi, Link, useRouter } from '@tanstack/react-router'
import { api } from '@/api'
import { becomeSomebody } from '@/app/me'
import { text } from '@/text'
import { AccessForm, address, given } from './AccessForm'

const words = text.access
const route = getRouteApi('/signed-out/sign-in')

export default function SignInPage() {
  const { next = '/', ended } = route.useSearch()
  const router = useRouter()
  const form = useForm({
    initialValues: { email: '', password: '' },
    validate: { email: address, password: given },
  })
  const login = api.useMutation('post', '/auth/login', {
    onSuccess: async (signedIn) => {
      await becomeSomebody(signedIn)
      router.history.push(next)
    },
  })
  return (
    <AccessForm
      {...words.signIn}
      pending={login.isPending}
      error={login.error}
      onSubmit={form.onSubmit((body) => login.mutate({ body }))}
      foot={
        <>
          {words.signIn.newHere}{' '}
          <Anchor component={Link} to="/register" size="sm">
            {words.signIn.register}
          </Anchor>
        </>
      }
    >
      {ended && !login.error && <Alert variant="light">{words.signIn.ended}</Alert>}
      <TextInput
        label={words.email}
        type="email"
        autoComplete="username"
        data-autofocus
        {...form.getInputProps('email')}
      />
      <PasswordInput label={words.password} autoComplete="current-password" {...form.getInputProps('password')} />
      <Anchor component={Link} to="/forgot-password" size="sm">
        {words.signIn.forgot}
      </Anchor>
    </AccessForm>
  )
}
