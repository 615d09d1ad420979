import { Alert, Button, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { ApiError, fieldErrors } from '@/api'
import { text } from '@/text'
import { FormDialog } from '@/ui'
import { type Incident, lookAgain, refused, useChange } from './incident'
import { LabelsInput } from './LabelsInput'
import { type LabelRow, labelsOf, rowsOf } from './labels'
import { MarkdownInput } from './MarkdownInput'

const words = text.incident.edit

/** Edits what people say of the incident. */
export function EditDialog({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  // The version that the person began from; whoever changed it meanwhile is not overwritten unseen.
  const [seen, setSeen] = useState(incident.version)
  const form = useForm<{ title: string; service_name: string; description: string; labels: LabelRow[] }>({
    initialValues: {
      title: incident.title,
      service_name: incident.service_name,
      description: incident.description,
      labels: rowsOf(incident.labels),
    },
    validate: { title: (title) => (title.trim() ? null : words.needed) },
  })
  const [isStale, setStale] = useState(false)
  const { change, isPending } = useChange(
    { ...incident, version: seen },
    {
      onError: (error) => {
        form.setErrors(fieldErrors(error))
        const isConflict = error instanceof ApiError && error.status === 412
        setStale(isConflict)
        if (isConflict) lookAgain()
        else if (Object.keys(fieldErrors(error)).length === 0) refused(error)
      },
    },
  )
  const save = form.onSubmit(({ labels, ...given }) => {
    const said = { ...given, labels: labelsOf(labels) }
    change(Object.fromEntries(Object.entries(said).filter(([name]) => form.isDirty(name))), onClose)
  })
  return (
    <FormDialog
      heading={words.heading(incident.reference)}
      submit={text.common.save}
      isPending={isPending}
      isIncomplete={isStale}
      error={null}
      onSubmit={save}
      onClose={onClose}
      size="lg"
    >
      {isStale && (
        <Alert color="yellow" variant="light" role="alert" title={words.conflict.title}>
          <Stack gap={8} align="flex-start">
            {words.conflict.advice(incident.version)}
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                setSeen(incident.version)
                setStale(false)
              }}
            >
              {text.common.confirm}
            </Button>
          </Stack>
        </Alert>
      )}
      <TextInput label={words.title} maxLength={300} required data-autofocus {...form.getInputProps('title')} />
      <TextInput label={words.service} maxLength={200} {...form.getInputProps('service_name')} />
      <MarkdownInput label={words.description} {...form.getInputProps('description')} />
      <LabelsInput {...form.getInputProps('labels')} />
    </FormDialog>
  )
}
