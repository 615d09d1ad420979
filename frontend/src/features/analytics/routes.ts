import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { signedInRoute } from '@/app/layouts'

export const TABS = ['incidents', 'ai', 'accuracy'] as const
export type Tab = (typeof TABS)[number]

const isTab = (value: unknown): value is Tab => TABS.some((tab) => tab === value)

const analytics = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/analytics',
  validateSearch: ({ tab }: Record<string, unknown>): { tab?: Tab } => (isTab(tab) ? { tab } : {}),
  component: lazyRouteComponent(() => import('./AnalyticsPage')),
})

export const analyticsRoutes = [analytics] as const
