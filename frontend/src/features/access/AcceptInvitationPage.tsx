import { TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api, fieldErrors } from '@/api'
import { becomeSomebody } from '@/app/me'
import { text } from '@/text'
import { EmptyState } from '@/ui'
import { AccessForm, given, longEnough, NewPassword } from './AccessForm'
import { tokenOf } from './links'

const words = text.access

export default function AcceptInvitationPage() {
  const [token] = useState(() => tokenOf(window.location.hash))
  const navigate = useNavigate()
  const form = useForm({
    initialValues: { name: '', password: '' },
    validate: { name: given, password: longEnough },
  })
  const accept = api.useMutation('post', '/invitations/accept', {
    onSuccess: async (signedIn) => {
      await becomeSomebody(signedIn)
      await navigate({ to: '/' })
    },
    onError: (error) => form.setErrors(fieldErrors(error)),
  })
  if (!token) return <EmptyState {...words.accept.noToken} order={1} />
  return (
    <AccessForm
      {...words.accept}
      pending={accept.isPending}
      error={accept.error}
      onSubmit={form.onSubmit((body) => accept.mutate({ body: { ...body, token } }))}
    >
      <TextInput label={words.name} autoComplete="name" {...form.getInputProps('name')} />
      <NewPassword {...form.getInputProps('password')} />
    </AccessForm>
  )
}
