import { Autocomplete, Select, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useNavigate } from '@tanstack/react-router'
import { api, fieldErrors, lookAgain } from '@/api'
import { text } from '@/text'
import { FormDialog, type Severity } from '@/ui'
import { SEVERITIES } from './search'

const words = text.board.create

/** Opens an incident that no alert has told of, and shows it. */
export default function NewIncidentDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate()
  const services = api.useQuery('get', '/services', { params: { query: { limit: 200 } } }).data?.items ?? []
  const form = useForm({
    initialValues: { title: '', severity: 'medium' as Severity, service_name: '', description: '' },
    validate: { title: (title) => !title.trim() && text.common.needed },
  })
  const create = api.useMutation('post', '/incidents', {
    onSuccess: async ({ id }) => {
      void lookAgain('/incidents')
      onClose()
      await navigate({ to: '/incidents/$id', params: { id } })
    },
    onError: (error: unknown) => form.setErrors(fieldErrors(error)),
  })
  return (
    <FormDialog
      heading={words.button}
      submit={words.submit}
      isPending={create.isPending}
      error={create.error}
      onSubmit={form.onSubmit((body) => create.mutate({ body }))}
      onClose={onClose}
      size="lg"
    >
      <TextInput label={words.title} maxLength={300} required data-autofocus {...form.getInputProps('title')} />
      <Select
        label={words.severity}
        data={SEVERITIES.map((value) => ({ value, label: text.common.severity[value] }))}
        {...form.getInputProps('severity')}
      />
      <Autocomplete
        label={words.service}
        maxLength={200}
        data={services.map(({ name }) => name)}
        {...form.getInputProps('service_name')}
      />
      <Textarea label={words.description} description={words.descriptionHint} {...form.getInputProps('description')} />
    </FormDialog>
  )
}
