import { Menu, UnstyledButton } from '@mantine/core'
import { IconCheck, IconSelector } from '@tabler/icons-react'
import { api } from '@/api'
import { text } from '@/text'
import { useMe } from './me'
import classes from './Shell.module.css'
import { useSwitchProject } from './useSwitchProject'

/** Which project this is, and the others. */
export default function ProjectMenu() {
  const me = useMe()
  const switchTo = useSwitchProject()
  const projects = api.useQuery('get', '/projects').data?.items ?? []
  const current = projects.find(({ id }) => id === me.project_id)
  if (!current) return <div className={classes.project} />
  return (
    <Menu position="bottom-start" width={232} disabled={projects.length < 2}>
      <Menu.Target>
        <UnstyledButton className={classes.project} disabled={projects.length < 2}>
          <span>{current.name}</span>
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
