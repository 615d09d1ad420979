import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { signedInRoute } from '@/app/layouts'

const maintenance = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/maintenance',
  component: lazyRouteComponent(() => import('./MaintenancePage')),
})

export const maintenanceRoutes = [maintenance] as const
