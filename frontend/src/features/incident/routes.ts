import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { signedInRoute } from '@/app/layouts'

export const TABS = ['hypotheses', 'timeline', 'alerts', 'evidence', 'postmortem'] as const
export type Tab = (typeof TABS)[number]

const isTab = (value: unknown): value is Tab => TABS.some((tab) => tab === value)

const incident = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/incidents/$id',
  validateSearch: ({ tab }: Record<string, unknown>): { tab?: Tab } => (isTab(tab) ? { tab } : {}),
  component: lazyRouteComponent(() => import('./IncidentPage')),
})

export const incidentRoutes = [incident] as const
