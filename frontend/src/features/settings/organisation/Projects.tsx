import { Badge, Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { api, fieldErrors, lookAgain, type Model } from '@/api'
import { useMe } from '@/app/me'
import { useSwitchProject } from '@/app/useSwitchProject'
import { text } from '@/text'
import { DataTable, ErrorState, FormDialog, notifyDone, Panel, RowsSkeleton, TimeAgo } from '@/ui'
import classes from '../settings.module.css'

const words = text.organisation.projects
const COLUMNS = [
  { label: words.name },
  { label: words.created, isSecondary: true },
  { label: text.common.actions, isQuiet: true },
]

/** The projects that the owner of the organisation is in, and a way to make another. */
export function Projects() {
  const projects = api.useQuery('get', '/projects')
  const [isCreating, setCreating] = useState(false)
  if (projects.isPending) return <RowsSkeleton rows={2} />
  if (!projects.data) return <ErrorState error={projects.error} onRetry={() => projects.refetch()} />
  const create = (
    <Button leftSection={<IconPlus size={15} />} onClick={() => setCreating(true)}>
      {words.create}
    </Button>
  )
  return (
    <>
      <Panel heading={words.heading} about={words.about} actions={create} isFlush>
        <DataTable label={words.heading} columns={COLUMNS}>
          {projects.data.items.map((project) => (
            <Row key={project.id} project={project} />
          ))}
        </DataTable>
      </Panel>
      {isCreating && <ProjectDialog onClose={() => setCreating(false)} />}
    </>
  )
}

function Row({ project }: { project: Model<'ProjectOut'> }) {
  const me = useMe()
  const switchTo = useSwitchProject()
  return (
    <tr>
      <td className={classes.strong}>{project.name}</td>
      <td data-secondary>
        <TimeAgo at={project.created_at} />
      </td>
      <td className={classes.end}>
        {project.id === me.project_id ? (
          <Badge>{words.current}</Badge>
        ) : (
          <Button
            size="xs"
            variant="default"
            aria-label={words.switchTo(project.name)}
            onClick={() => switchTo(project.id)}
          >
            {words.open}
          </Button>
        )}
      </td>
    </tr>
  )
}

function ProjectDialog({ onClose }: { onClose: () => void }) {
  const form = useForm({
    initialValues: { name: '' },
    validate: { name: (name) => !name.trim() && text.common.needed },
  })
  const create = api.useMutation('post', '/projects', {
    onSuccess: async ({ name }) => {
      await lookAgain('/projects')
      notifyDone(words.done(name))
      onClose()
    },
    onError: (error: unknown) => form.setErrors(fieldErrors(error)),
  })
  return (
    <FormDialog
      heading={words.create}
      submit={words.submit}
      isPending={create.isPending}
      error={create.error}
      onSubmit={form.onSubmit((body) => create.mutate({ body }))}
      onClose={onClose}
    >
      <TextInput label={words.name} maxLength={200} data-autofocus {...form.getInputProps('name')} />
    </FormDialog>
  )
}
