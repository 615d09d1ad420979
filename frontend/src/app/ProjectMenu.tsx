import { Menu, UnstyledButton } from '@mantine/core'
import { IconCheck, IconSelector } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { api } from '@/api'
import { text } from '@/text'
import { notifyError } from '@/ui'
import { becomeSomebody, loadMe, useMe } from './me'
import classes from './Shell.module.css'

/** Goes on in another project: everything that is shown belongs to it from then on. */
export function useSwitchProject(): (projectId: string) => void {
  const navigate = useNavigate()
  const { mutate } = api.useMutation('post', '/auth/switch-project', {
    onSuccess: async (signedIn) => {
      becomeSomebody(signedIn)
      await loadMe()
      await navigate({ to: '/', search: {} })
    },
    onError: notifyError,
  })
  return (projectId) => mutate({ body: { project_id: projectId } })
}

/** Which project this is, and the others. */
export function ProjectMenu() {
  const me = useMe()
  const switchTo = useSwitchProject()
  const projects = api.useQuery('get', '/projects').data?.items ?? []
  const current = projects.find(({ id }) => id === me.project_id)
  return (
    <Menu position="bottom-start" width={232} disabled={projects.length < 2}>
      <Menu.Target>
        <UnstyledButton className={classes.project} disabled={projects.length < 2}>
          <span>{current?.name ?? ' '}</span>
          {projects.length > 1 && <IconSelector size={14} aria-hidden="true" />}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{text.shell.switchProject}</Menu.Label>
        {projects.map(({ id, name }) => (
          <Menu.Item
            key={id}
            onClick={() => switchTo(id)}
            disabled={id === me.project_id}
            rightSection={id === me.project_id ? <IconCheck size={14} /> : null}
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
