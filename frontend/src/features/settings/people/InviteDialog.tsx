import { Select, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { api, fieldErrors, lookAgain, type Model } from '@/api'
import { useMe } from '@/app/me'
import { text } from '@/text'
import { FormDialog } from '@/ui'
import { OnceDialog } from '../OnceDialog'
import { type Role, rolesBelow } from './roles'

const words = text.people

/** Invites somebody, and shows the link this once; it also goes out by e-mail. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const { role } = useMe()
  const form = useForm({
    initialValues: { email: '', role: 'engineer' as Role },
    validate: { email: (value) => !/^\S+@\S+\.\S+$/.test(value) && text.access.notAnAddress },
  })
  const invite = api.useMutation('post', '/invitations', {
    onSuccess: () => lookAgain('/invitations'),
    onError: (error: unknown) => form.setErrors(fieldErrors(error)),
  })
  if (invite.data) {
    return (
      <OnceDialog
        heading={words.invited(invite.data.email)}
        about={words.linkAbout}
        secret={linkOf(invite.data)}
        label={words.copyLink}
        onClose={onClose}
      />
    )
  }
  return (
    <FormDialog
      heading={words.invite}
      submit={words.send}
      isPending={invite.isPending}
      error={invite.error}
      onSubmit={form.onSubmit((body) => invite.mutate({ body }))}
      onClose={onClose}
    >
      <TextInput label={words.address} type="email" data-autofocus {...form.getInputProps('email')} />
      <Select
        label={words.role}
        data={rolesBelow(role).map((value) => ({ value, label: text.common.role[value] }))}
        {...form.getInputProps('role')}
      />
      <Text size="sm" c="dimmed">
        {words.roleAbout[form.values.role]}
      </Text>
    </FormDialog>
  )
}

const linkOf = ({ token }: Model<'InvitationCreatedOut'>) =>
  `${window.location.origin}/accept-invitation#token=${encodeURIComponent(token)}`
