import { api, ifMatch, lookAgain, type Model } from '@/api'
import { useMay } from '@/app/me'
import { text } from '@/text'
import { notifyDone, Panel, tellRefusal } from '@/ui'
import { useProjectId } from '../project'
import { RenameForm } from '../RenameForm'

const words = text.settings.project
const STALE = ['/projects', '/projects/{project_id}', '/projects/{project_id}/policies'] as const

/** The project's name. */
export function ProjectName() {
  const may = useMay('project:write')
  const project = api.useQuery('get', '/projects/{project_id}', { params: { path: { project_id: useProjectId() } } })
  if (!may || !project.data) return null
  return (
    <Panel heading={words.heading} about={words.about}>
      <Name key={project.data.name} project={project.data} />
    </Panel>
  )
}

function Name({ project }: { project: Model<'ProjectOut'> }) {
  const { mutate, isPending, error } = api.useMutation('patch', '/projects/{project_id}', {
    onSuccess: async () => {
      await lookAgain(...STALE)
      notifyDone(text.common.saved)
    },
    onError: (failure: unknown) => tellRefusal(failure, ...STALE),
  })
  const params = { path: { project_id: project.id }, header: ifMatch(project.version) }
  return (
    <RenameForm
      label={words.name}
      name={project.name}
      isPending={isPending}
      error={error}
      onRename={(body) => mutate({ params, body })}
    />
  )
}
