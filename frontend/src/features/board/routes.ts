import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { signedInRoute } from '@/app/layouts'
import { searchOf } from './search'

const board = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/',
  validateSearch: searchOf,
  component: lazyRouteComponent(() => import('./BoardPage')),
})

export const boardRoutes = [board] as const
