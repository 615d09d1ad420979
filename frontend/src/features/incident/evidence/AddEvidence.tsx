import { Group, Select, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { api, fieldErrors, type Model } from '@/api'
import { text } from '@/text'
import { FormDialog, notifyDone } from '@/ui'
import { type Incident, lookAgain, paramsOf, refused } from '../incident'
import { inZone, now } from './localTime'

const words = text.incident.evidence
const KINDS: readonly Exclude<Model<'ObservationIn'>['kind'], 'metric'>[] = ['log', 'event', 'trace', 'note']

/** Tells the analysis of something that was seen. */
export function AddEvidence({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const form = useForm({
    initialValues: { kind: KINDS[0] ?? 'note', component: '', at: now(), title: '', text: '' },
    validate: {
      title: (title) => (title.trim() ? null : text.incident.edit.needed),
      at: (at) => (inZone(at) ? null : text.incident.edit.needed),
    },
  })
  const add = api.useMutation('post', '/incidents/{incident_id}/evidence', {
    onSuccess: ({ added }) => {
      lookAgain()
      notifyDone(added > 0 ? words.added : words.known)
      onClose()
    },
    onError: (error) => {
      const fields = Object.entries(fieldErrors(error)).map(([field, said]) => [field.replace(/^items\.0\./, ''), said])
      form.setErrors(Object.fromEntries(fields))
      if (fields.length === 0) refused(error)
    },
  })
  const save = form.onSubmit(({ at, ...given }) =>
    add.mutate({ ...paramsOf(incident.id), body: { items: [{ ...given, at: inZone(at) ?? at }] } }),
  )
  return (
    <FormDialog
      heading={words.add}
      submit={words.submit}
      isPending={add.isPending}
      error={null}
      onSubmit={save}
      onClose={onClose}
      size="lg"
    >
      <TextInput label={words.title} maxLength={500} required data-autofocus {...form.getInputProps('title')} />
      <Group grow align="flex-start">
        <Select
          label={words.kind}
          data={KINDS.map((value) => ({ value, label: words.kinds[value] }))}
          {...form.getInputProps('kind')}
        />
        <TextInput label={words.at} type="datetime-local" step={1} required {...form.getInputProps('at')} />
      </Group>
      <TextInput
        label={words.component}
        description={words.componentAbout}
        maxLength={253}
        {...form.getInputProps('component')}
      />
      <Textarea
        label={words.text}
        description={words.textAbout}
        minRows={5}
        maxRows={16}
        maxLength={65_536}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        {...form.getInputProps('text')}
      />
    </FormDialog>
  )
}
