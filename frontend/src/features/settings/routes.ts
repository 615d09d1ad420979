import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { signedInRoute } from '@/app/layouts'

export const TABS = ['project', 'people', 'keys', 'channels', 'organisation'] as const
export type Tab = (typeof TABS)[number]

const isTab = (value: unknown): value is Tab => TABS.some((tab) => tab === value)

const settings = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/settings',
  validateSearch: ({ tab }: Record<string, unknown>): { tab?: Tab } => (isTab(tab) ? { tab } : {}),
  component: lazyRouteComponent(() => import('./SettingsPage')),
})

export const settingsRoutes = [settings] as const
