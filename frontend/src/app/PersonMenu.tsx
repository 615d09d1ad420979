import { ActionIcon, Menu, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { IconChevronDown, IconLogout, IconMoon, IconSun, IconUserCircle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { text } from '@/text'
import { useMe } from './me'
import classes from './Shell.module.css'
import { useSignOut } from './useSignOut'

/** Who is signed in, and what is theirs alone. */
export default function PersonMenu() {
  const me = useMe()
  const signOut = useSignOut({ everywhere: false })
  return (
    <div className={classes.person}>
      <Menu position="top-start" width={220}>
        <Menu.Target>
          <UnstyledButton className={classes.personButton}>
            <span className={classes.avatar} aria-hidden="true">
              {initials(me.name)}
            </span>
            <span className={classes.personName}>{me.name}</span>
            <IconChevronDown size={14} aria-hidden="true" />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{me.email}</Menu.Label>
          <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={16} />}>
            {text.shell.account}
          </Menu.Item>
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={signOut}>
            {text.shell.signOut}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <SchemeToggle />
    </div>
  )
}

function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme()
  const now = useComputedColorScheme('light')
  const other = now === 'dark' ? 'light' : 'dark'
  const label = other === 'dark' ? text.shell.scheme.toDark : text.shell.scheme.toLight
  return (
    <ActionIcon aria-label={label} title={label} onClick={() => setColorScheme(other)}>
      {other === 'dark' ? <IconMoon size={16} /> : <IconSun size={16} />}
    </ActionIcon>
  )
}

const initials = (name: string) =>
  name
    .split(/\s+/)
    .map(([first]) => first ?? '')
    .slice(0, 2)
    .join('')
    .toUpperCase()
