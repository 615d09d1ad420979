import { Button, Group, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { api, fieldErrors, ifMatch, lookAgain, type Model } from '@/api'
import { useMay } from '@/app/me'
import { text } from '@/text'
import { notifyDone, notifyError, Panel, tellStale } from '@/ui'
import { useProjectId } from '../project'

const words = text.settings.project
const STALE = ['/projects', '/projects/{project_id}', '/projects/{project_id}/policies'] as const

/** The project's name. */
export function ProjectName() {
  const may = useMay('project:write')
  const project = api.useQuery('get', '/projects/{project_id}', { params: { path: { project_id: useProjectId() } } })
  if (!may || !project.data) return null
  return (
    <Panel heading={words.heading} about={words.about}>
      <NameForm key={project.data.version} project={project.data} />
    </Panel>
  )
}

function NameForm({ project }: { project: Model<'ProjectOut'> }) {
  const form = useForm({
    initialValues: { name: project.name },
    validate: { name: (value) => !value.trim() && text.common.needed },
  })
  const rename = api.useMutation('patch', '/projects/{project_id}', {
    onSuccess: async () => {
      await lookAgain(...STALE)
      notifyDone(text.common.saved)
    },
    onError: async (error: unknown) => {
      form.setErrors(fieldErrors(error))
      notifyError(error)
      await tellStale(error, () => undefined, ...STALE)
    },
  })
  const params = { path: { project_id: project.id }, header: ifMatch(project.version) }
  return (
    <form onSubmit={form.onSubmit((body) => rename.mutate({ params, body }))}>
      <Group gap={8} align="flex-start" maw={480}>
        <TextInput flex={1} aria-label={words.name} maxLength={200} {...form.getInputProps('name')} />
        <Button type="submit" variant="default" disabled={!form.isDirty()} loading={rename.isPending}>
          {words.rename}
        </Button>
      </Group>
    </form>
  )
}
