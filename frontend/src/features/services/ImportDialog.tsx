import { Alert, Button, FileButton, Text, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconUpload } from '@tabler/icons-react'
import { api, fieldErrors, lookAgain, type Model } from '@/api'
import { text } from '@/text'
import { FormDialog, notifyDone } from '@/ui'
import { STALE } from './services'
import classes from './services.module.css'

const words = text.services.import

const EXAMPLE = JSON.stringify(
  {
    services: [
      { name: 'web', owner: 'storefront', tier: 1, depends_on: ['checkout'] },
      { name: 'checkout', owner: 'payments', tier: 1, runbook_url: 'https://runbooks.example.com/checkout' },
    ],
  },
  null,
  2,
)

/** Takes services and dependencies from a JSON document, and shows first what that would change. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const form = useForm({ initialValues: { document: '' }, validate: { document: (value) => complaint(value) } })
  const answered = {
    onError: (error: unknown) => {
      const wrong = Object.entries(fieldErrors(error)).map(([field, message]) => `${field}: ${message}`)
      if (wrong.length > 0) form.setErrors({ document: wrong.join('\n') })
    },
  }
  const tried = api.useMutation('post', '/services/import', answered)
  const taken = api.useMutation('post', '/services/import', {
    ...answered,
    onSuccess: async () => {
      await lookAgain(...STALE)
      notifyDone(words.done)
      onClose()
    },
  })
  const isTried = tried.isSuccess
  const send = form.onSubmit(({ document }) => {
    const body: Model<'ImportIn'> = JSON.parse(document)
    if (isTried) taken.mutate({ body, params: { query: { dry_run: false } } })
    else tried.mutate({ body, params: { query: { dry_run: true } } })
  })
  const change = (document: string) => {
    form.setFieldValue('document', document)
    tried.reset()
  }
  return (
    <FormDialog
      heading={words.heading}
      submit={isTried ? words.take : words.preview}
      isPending={tried.isPending || taken.isPending}
      error={tried.error ?? taken.error}
      onSubmit={send}
      onClose={onClose}
      size="lg"
    >
      <Text size="sm" c="dimmed">
        {words.about}
      </Text>
      <Textarea
        label={words.document}
        placeholder={EXAMPLE}
        minRows={9}
        maxRows={16}
        classNames={{ input: classes.code }}
        spellCheck={false}
        {...form.getInputProps('document')}
        onChange={(event) => change(event.currentTarget.value)}
      />
      <div>
        <FileButton accept="application/json" onChange={async (file) => file && change(await file.text())}>
          {(props) => (
            <Button {...props} size="xs" variant="default" leftSection={<IconUpload size={14} />}>
              {words.file}
            </Button>
          )}
        </FileButton>
      </div>
      {tried.data && <Outcome outcome={tried.data} />}
    </FormDialog>
  )
}

function Outcome({ outcome }: { outcome: Model<'ImportOut'> }) {
  const lines = [
    words.created(outcome.services_created),
    words.changed(outcome.services_changed),
    words.dependencies(outcome.dependencies_created.map(({ caller, callee }) => `${caller} → ${callee}`)),
    words.unchanged(outcome.services_unchanged, outcome.dependencies_unchanged),
  ]
  return (
    <Alert variant="light" title={words.would} role="status">
      <ul className={classes.outcome}>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </Alert>
  )
}

/** What is wrong with a document before it is sent, null where nothing is. */
function complaint(document: string): string | null {
  try {
    const parsed: unknown = JSON.parse(document)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? null : words.noObject
  } catch {
    return words.noJson
  }
}
