import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { signedInRoute } from '@/app/layouts'

export const STATUSES = ['active', 'upcoming', 'past'] as const
export type Status = (typeof STATUSES)[number]

export const isStatus = (value: unknown): value is Status => STATUSES.some((status) => status === value)

const maintenance = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/maintenance',
  validateSearch: ({ status }: Record<string, unknown>): { status?: Status } => (isStatus(status) ? { status } : {}),
  component: lazyRouteComponent(() => import('./MaintenancePage')),
})

export const maintenanceRoutes = [maintenance] as const
