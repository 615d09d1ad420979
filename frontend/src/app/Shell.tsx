import { Burger, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  IconActivityHeartbeat,
  IconAffiliate,
  IconChartLine,
  IconHistory,
  IconPlugConnected,
  IconSettings,
  IconStack2,
  IconTool,
} from '@tabler/icons-react'
import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { useConnection, useLiveStatus } from '@/realtime'
import { text } from '@/text'
import { type Permission, useMe } from './me'
import classes from './Shell.module.css'

// The page comes first; what has menus follows.
const PersonMenu = lazy(() => import('./PersonMenu'))
const ProjectMenu = lazy(() => import('./ProjectMenu'))
const LiveToasts = lazy(() => import('./LiveToasts'))
const NarrowMenu = lazy(() => import('./NarrowMenu'))
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
      { to: '/audit', label: nav.audit, icon: IconHistory, needs: 'audit:read' },
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
  const content = useFocusOfPages()
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
      {menu && (
        <Suspense fallback={null}>
          <NarrowMenu onClose={close}>
            <Sidebar onNavigate={close} />
          </NarrowMenu>
        </Suspense>
      )}
      <Suspense fallback={null}>
        <LiveToasts />
      </Suspense>
      <main id="content" ref={content} className={classes.content} tabIndex={-1}>
        <Outlet />
        <div id="overlays" />
      </main>
    </div>
  )
}

/** What takes the focus whenever another page is opened, so that keys and screen readers go on in the page. */
function useFocusOfPages() {
  const content = useRef<HTMLElement>(null)
  const path = useLocation({ select: ({ pathname }) => pathname })
  const shown = useRef(path)
  useEffect(() => {
    if (shown.current === path) return
    shown.current = path
    content.current?.focus({ preventScroll: true })
  }, [path])
  return content
}

function Sidebar({ onNavigate }: { onNavigate?: () => void }) {
  const { permissions } = useMe()
  return (
    <div className={classes.column}>
      <Brand />
      <Suspense fallback={<div className={classes.project} />}>
        <ProjectMenu />
      </Suspense>
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
        <Suspense fallback={<div className={classes.person} />}>
          <PersonMenu />
        </Suspense>
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
    <span
      className={classes.live}
      data-status={status}
      role="status"
      title={about}
      data-testid={compact ? undefined : 'live'}
    >
      <span className={classes.pulse} aria-hidden="true" />
      {label}
    </span>
  )
}
