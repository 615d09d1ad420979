import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { signedInRoute } from '@/app/layouts'
import { searchOf } from './search'

const analytics = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/analytics',
  validateSearch: searchOf,
  component: lazyRouteComponent(() => import('./AnalyticsPage')),
})

export const analyticsRoutes = [analytics] as const
