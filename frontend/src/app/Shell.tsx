import {
  ActionIcon,
  Burger,
  Drawer,
  Menu,
  Text,
  Tooltip,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  IconActivityHeartbeat,
  IconAffiliate,
  IconChartLine,
  IconChevronDown,
  IconHistory,
  IconLogout,
  IconMoon,
  IconPlugConnected,
  IconSettings,
  IconStack2,
  IconSun,
  IconTool,
  IconUserCircle,
} from '@tabler/icons-react'
import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { client } from '@/api'
import { useConnection, useLiveStatus } from '@/realtime'
import { text } from '@/text'
import { notifyError } from '@/ui'
import { forgetEverything, type Permission, useMe } from './me'
import { ProjectMenu } from './ProjectMenu'
import classes from './Shell.module.css'

const { nav, groups } = text.shell

type Item = { to: string; label: string; icon: typeof IconStack2; needs: Permission; exact?: boolean }

const NAVIGATION: { heading: string; items: Item[] }[] = [
  {
    heading: groups.respond,
    items: [
      { to: '/', label: nav.board, icon: IconActivityHeartbeat, needs: 'incident:read', exact: true },
      { to: '/services', label: nav.services, icon: IconStack2, needs: 'service:read', exact: true },
      { to: '/services/map', label: nav.map, icon: IconAffiliate, needs: 'service:read' },
      { to: '/maintenance', label: nav.maintenance, icon: IconTool, needs: 'maintenance:read' },
    ],
  },
  {
    heading: groups.learn,
    items: [
      { to: '/analytics', label: nav.analytics, icon: IconChartLine, needs: 'incident:read' },
      { to: '/audit', label: nav.audit, icon: IconHistory, needs: 'member:write' },
    ],
  },
  {
    heading: groups.configure,
    items: [
      { to: '/integrations', label: nav.integrations, icon: IconPlugConnected, needs: 'integration:read' },
      { to: '/settings', label: nav.settings, icon: IconSettings, needs: 'project:read' },
    ],
  },
]

/** What surrounds every page of somebody signed in; the live connection lives as long as it does. */
export default function Shell() {
  const me = useMe()
  useConnection(me.project_id)
  const [menu, { open, close }] = useDisclosure(false)
  return (
    <div className={classes.shell}>
      <a href="#content" className={classes.skip}>
        {text.shell.skip}
      </a>
      <aside className={classes.sidebar}>
        <Sidebar />
      </aside>
      <header className={classes.topbar}>
        <Burger opened={menu} onClick={open} size="sm" aria-label={text.shell.menu} />
        <Brand />
        <LiveIndicator compact />
      </header>
      <Drawer
        opened={menu}
        onClose={close}
        size={264}
        withCloseButton={false}
        padding={0}
        title={null}
        aria-label={text.shell.menu}
      >
        <div className={classes.drawer}>
          <Sidebar onNavigate={close} />
        </div>
      </Drawer>
      <main id="content" className={classes.content} tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  )
}

function Sidebar({ onNavigate }: { onNavigate?: () => void }) {
  const { permissions } = useMe()
  return (
    <div className={classes.column}>
      <Brand />
      <ProjectMenu />
      <nav className={classes.nav} aria-label={text.shell.menu}>
        {NAVIGATION.map(({ heading, items }) => (
          <div key={heading} className={classes.group}>
            <Text className={classes.groupHeading}>{heading}</Text>
            {items
              .filter(({ needs }) => permissions.includes(needs))
              .map(({ to, label, icon: Icon, exact = false }) => (
                <Link
                  key={to}
                  to={to}
                  className={classes.link}
                  activeOptions={{ exact, includeSearch: false }}
                  {...(onNavigate ? { onClick: onNavigate } : {})}
                >
                  <Icon size={17} stroke={1.7} aria-hidden="true" />
                  {label}
                </Link>
              ))}
          </div>
        ))}
      </nav>
      <div className={classes.foot}>
        <LiveIndicator />
        <PersonMenu />
      </div>
    </div>
  )
}

function Brand() {
  return (
    <Link to="/" className={classes.brand}>
      <img src="/mark.svg" width="22" height="22" alt="" />
      {text.shell.product}
    </Link>
  )
}

/** How live the page is, never more hopeful than the truth. */
function LiveIndicator({ compact = false }: { compact?: boolean }) {
  const status = useLiveStatus()
  const { label, about } = text.shell.live[status]
  return (
    <Tooltip label={about} multiline maw={240}>
      <span className={classes.live} data-status={status} role="status" data-testid={compact ? undefined : 'live'}>
        <span className={classes.pulse} aria-hidden="true" />
        {label}
      </span>
    </Tooltip>
  )
}

function PersonMenu() {
  const me = useMe()
  const navigate = useNavigate()
  const signOut = async () => {
    try {
      await client.POST('/auth/logout', { body: { everywhere: false } })
    } catch (error) {
      notifyError(error)
      return
    }
    forgetEverything()
    await navigate({ to: '/sign-in' })
  }
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
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={() => setColorScheme(other)}>
        {other === 'dark' ? <IconMoon size={16} /> : <IconSun size={16} />}
      </ActionIcon>
    </Tooltip>
  )
}

const initials = (name: string) =>
  name
    .split(/\s+/)
    .map(([first]) => first ?? '')
    .slice(0, 2)
    .join('')
    .toUpperCase()
