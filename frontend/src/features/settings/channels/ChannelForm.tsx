import { Checkbox, Group, PasswordInput, Select, Switch, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { api, fieldErrors, ifMatch, lookAgain, type Model } from '@/api'
import { text } from '@/text'
import { FormDialog, notifyDone, type Severity, tellStale } from '@/ui'
import { OnceDialog } from '../OnceDialog'

const words = text.channels

type Kind = Model<'ChannelKind'>
type Topic = Model<'Topic'>

const KINDS: Kind[] = ['slack', 'teams', 'email', 'webhook']
const TOPICS: Topic[] = [
  'incident.created',
  'incident.updated',
  'hypothesis.generated',
  'postmortem.published',
  'ai_budget.reached',
]
const SEVERITIES: Severity[] = ['critical', 'high', 'medium', 'low', 'info']

/** A new channel, or the changes of one. Where it leads is a secret: it is given anew or stays. */
export function ChannelForm({ channel, onClose }: { channel?: Model<'ChannelOut'>; onClose: () => void }) {
  const [secret, setSecret] = useState<string | null>(null)
  const form = useForm({
    initialValues: {
      kind: channel?.kind ?? ('slack' as Kind),
      name: channel?.name ?? '',
      target: '',
      events: channel?.events ?? TOPICS,
      min_severity: channel?.min_severity ?? ('info' as Severity),
      enabled: channel?.enabled ?? true,
    },
    validate: {
      name: (value) => !value.trim() && text.common.needed,
      target: (value) => !channel && !value.trim() && text.common.needed,
      events: (value) => value.length === 0 && words.oneEvent,
    },
  })
  const answered = {
    onSuccess: async ({ signing_secret }: Model<'ChannelSecretOut'>) => {
      await lookAgain('/notification-channels')
      notifyDone(text.common.saved)
      if (signing_secret) setSecret(signing_secret)
      else onClose()
    },
    onError: async (error: unknown) => {
      const wrong = fieldErrors(error)
      const target = Object.entries(wrong).find(([field]) => field.startsWith('config'))?.[1]
      form.setErrors({ ...wrong, ...(target ? { target } : {}) })
      await tellStale(error, onClose, '/notification-channels')
    },
  }
  const create = api.useMutation('post', '/notification-channels', answered)
  const update = api.useMutation('patch', '/notification-channels/{channel_id}', answered)
  const send = form.onSubmit(({ kind, target, ...given }) => {
    const config = configOf(kind, target.trim())
    if (!channel) return create.mutate({ body: { ...given, config } })
    update.mutate({
      params: { path: { channel_id: channel.id }, header: ifMatch(channel.version) },
      body: { ...given, ...(target.trim() ? { config } : {}) },
    })
  })
  if (secret) {
    return (
      <OnceDialog
        heading={words.secret}
        about={words.secretAbout}
        secret={secret}
        label={words.copySecret}
        onClose={onClose}
      />
    )
  }
  const { kind } = form.values
  const targetProps = {
    label: words.kinds[kind].target,
    description: channel ? words.stays(channel.destination) : words.kinds[kind].hint,
    ...form.getInputProps('target'),
  }
  return (
    <FormDialog
      heading={channel ? words.edit : words.add}
      submit={text.common.save}
      isPending={create.isPending || update.isPending}
      error={create.error ?? update.error}
      onSubmit={send}
      onClose={onClose}
    >
      {!channel && (
        <Select
          label={words.kind}
          data={KINDS.map((value) => ({ value, label: words.kinds[value].name }))}
          {...form.getInputProps('kind')}
        />
      )}
      <TextInput
        label={words.name}
        placeholder={words.placeholder}
        maxLength={200}
        data-autofocus
        {...form.getInputProps('name')}
      />
      {kind === 'email' ? (
        <TextInput type="email" {...targetProps} />
      ) : (
        <PasswordInput autoComplete="off" maxLength={2048} {...targetProps} />
      )}
      <Checkbox.Group label={words.events} {...form.getInputProps('events')}>
        <Group gap={10} mt={6}>
          {TOPICS.map((topic) => (
            <Checkbox key={topic} value={topic} label={words.topics[topic]} size="xs" />
          ))}
        </Group>
      </Checkbox.Group>
      <Select
        label={words.severity}
        description={words.severityHint}
        data={SEVERITIES.map((value) => ({ value, label: text.common.severity[value] }))}
        {...form.getInputProps('min_severity')}
      />
      <Switch label={words.enabled} {...form.getInputProps('enabled', { type: 'checkbox' })} />
      {kind === 'webhook' && !channel && (
        <Text size="sm" c="dimmed">
          {words.signed}
        </Text>
      )}
    </FormDialog>
  )
}

function configOf(kind: Kind, target: string): Model<'ChannelIn'>['config'] {
  if (kind === 'email') return { kind, to: target }
  return { kind, url: target }
}
