import { Button, Group, NumberInput, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { api, ifMatch } from '@/api'
import { text } from '@/text'
import { answersOf, FormDialog } from '@/ui'
import { type Service, STALE } from './services'

const words = text.services

/** A new service, or the changes of one. */
export function ServiceForm({ service, onClose }: { service?: Service; onClose: () => void }) {
  const form = useForm({
    initialValues: {
      name: service?.name ?? '',
      display_name: service?.display_name ?? '',
      description: service?.description ?? '',
      owner: service?.owner ?? '',
      tier: service?.tier ?? ('' as number | string),
      runbook_url: service?.runbook_url ?? '',
      links: service?.links ?? [],
    },
    validate: { name: (value) => !value.trim() && text.common.needed },
  })
  const answered = answersOf(STALE, onClose, form.setErrors)
  const create = api.useMutation('post', '/services', answered)
  const update = api.useMutation('patch', '/services/{service_id}', answered)
  const send = form.onSubmit(({ tier, ...given }) => {
    const body = { ...given, tier: typeof tier === 'number' ? tier : null }
    if (!service) return create.mutate({ body })
    update.mutate({ params: { path: { service_id: service.id }, header: ifMatch(service.version) }, body })
  })
  return (
    <FormDialog
      heading={service ? words.edit : words.add}
      submit={text.common.save}
      isPending={create.isPending || update.isPending}
      error={create.error ?? update.error}
      onSubmit={send}
      onClose={onClose}
      size="lg"
    >
      <TextInput
        label={words.name}
        description={words.nameHint}
        maxLength={200}
        data-autofocus
        {...form.getInputProps('name')}
      />
      <TextInput label={words.displayName} maxLength={200} {...form.getInputProps('display_name')} />
      <Textarea label={words.description} maxLength={4000} minRows={2} {...form.getInputProps('description')} />
      <Group grow align="flex-start">
        <TextInput label={words.owner} description={words.ownerHint} maxLength={200} {...form.getInputProps('owner')} />
        <NumberInput
          label={words.tier}
          description={words.tierHint}
          min={1}
          max={5}
          allowDecimal={false}
          {...form.getInputProps('tier')}
        />
      </Group>
      <TextInput label={words.runbookUrl} type="url" maxLength={2048} {...form.getInputProps('runbook_url')} />
      {form.values.links.map((_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a link has nothing of its own but its place
        <Group key={at} gap={8} align="flex-end" wrap="nowrap">
          <TextInput label={words.linkTitle} maxLength={100} {...form.getInputProps(`links.${at}.title`)} />
          <TextInput label={words.linkUrl} flex={1} maxLength={2048} {...form.getInputProps(`links.${at}.url`)} />
          <Button
            variant="default"
            px={10}
            aria-label={words.removeLink(at + 1)}
            onClick={() => form.removeListItem('links', at)}
          >
            <IconTrash size={15} />
          </Button>
        </Group>
      ))}
      {form.values.links.length < 20 && (
        <div>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={14} />}
            onClick={() => form.insertListItem('links', { title: '', url: '' })}
          >
            {words.addLink}
          </Button>
        </div>
      )}
    </FormDialog>
  )
}
