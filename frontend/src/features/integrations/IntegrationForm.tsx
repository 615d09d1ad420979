import { PasswordInput, SegmentedControl, Select, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { api, fieldErrors, ifMatch, lookAgain, type Model } from '@/api'
import { text } from '@/text'
import { FormDialog, notifyDone, tellStale } from '@/ui'
import { type Integration, KINDS, STALE } from './integrations'
import type { Kind } from './snippets'

const words = text.integrations

type Auth = 'keep' | 'none' | 'bearer' | 'basic'
type Props = {
  integration?: Integration
  onClose: () => void
  onMade?: (made: Model<'IntegrationTokenOut'>) => void
}

/** A new integration, or the changes of one. */
export function IntegrationForm({ integration, onClose, onMade }: Props) {
  const form = useForm({
    initialValues: {
      kind: integration?.kind ?? ('alertmanager' as Kind),
      name: integration?.name ?? '',
      base_url: integration?.base_url ?? '',
      auth: (integration?.has_credentials ? 'keep' : 'none') as Auth,
      token: '',
      username: '',
      password: '',
    },
    validate: { name: (value) => !value.trim() && text.common.needed },
  })
  const refused = async (error: unknown) => {
    const wrong = fieldErrors(error)
    form.setErrors(Object.fromEntries(Object.entries(wrong).map(([field, told]) => [field.split('.').at(-1), told])))
    await tellStale(error, onClose, ...STALE)
  }
  const create = api.useMutation('post', '/integrations', {
    onSuccess: async (made) => {
      await lookAgain(...STALE)
      onMade?.(made)
    },
    onError: refused,
  })
  const update = api.useMutation('patch', '/integrations/{integration_id}', {
    onSuccess: async () => {
      await lookAgain(...STALE)
      notifyDone(text.common.saved)
      onClose()
    },
    onError: refused,
  })
  const send = form.onSubmit((given) => {
    const credentials = credentialsOf(given)
    const common = { name: given.name, base_url: given.base_url.trim() || null }
    if (!integration) return create.mutate({ body: { ...common, kind: given.kind, credentials: credentials ?? null } })
    update.mutate({
      params: { path: { integration_id: integration.id }, header: ifMatch(integration.version) },
      body: { ...common, ...(credentials === undefined ? {} : { credentials }) },
    })
  })
  const { kind, auth, base_url } = form.values
  return (
    <FormDialog
      heading={integration ? words.edit : words.add}
      submit={integration ? text.common.save : words.make}
      isPending={create.isPending || update.isPending}
      error={create.error ?? update.error}
      onSubmit={send}
      onClose={onClose}
    >
      {!integration && (
        <Select
          label={words.kind}
          description={words.kinds[kind].about}
          data={KINDS.map((value) => ({ value, label: words.kinds[value].name }))}
          {...form.getInputProps('kind')}
        />
      )}
      <TextInput
        label={words.name}
        placeholder={words.namePlaceholder}
        maxLength={200}
        data-autofocus
        {...form.getInputProps('name')}
      />
      <TextInput
        label={words.baseUrl}
        description={words.baseUrlHint(words.kinds[kind].name)}
        placeholder={words.kinds[kind].placeholder}
        type="url"
        maxLength={2048}
        {...form.getInputProps('base_url')}
      />
      {base_url.trim() && (
        <div>
          <Text size="sm" fw={500} mb={4}>
            {words.auth}
          </Text>
          <SegmentedControl
            fullWidth
            aria-label={words.auth}
            data={[
              ...(integration?.has_credentials ? [{ value: 'keep', label: words.auths.keep }] : []),
              { value: 'none', label: words.auths.none },
              { value: 'bearer', label: words.auths.bearer },
              { value: 'basic', label: words.auths.basic },
            ]}
            {...form.getInputProps('auth')}
          />
        </div>
      )}
      {base_url.trim() && auth === 'bearer' && (
        <PasswordInput
          label={words.authToken}
          description={words.sealed}
          autoComplete="off"
          {...form.getInputProps('token')}
        />
      )}
      {base_url.trim() && auth === 'basic' && (
        <>
          <TextInput label={words.username} autoComplete="off" {...form.getInputProps('username')} />
          <PasswordInput
            label={words.password}
            description={words.sealed}
            autoComplete="new-password"
            {...form.getInputProps('password')}
          />
        </>
      )}
    </FormDialog>
  )
}

type Given = { auth: Auth; base_url: string; token: string; username: string; password: string }

/** The credentials to send; null takes away what there is, and nothing keeps it. */
function credentialsOf({ auth, base_url, token, username, password }: Given): Model<'IntegrationIn'>['credentials'] {
  if (!base_url.trim() || auth === 'none') return null
  if (auth === 'bearer') return { type: 'bearer', token }
  if (auth === 'basic') return { type: 'basic', username, password }
  return undefined
}
