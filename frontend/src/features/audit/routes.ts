import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { signedInRoute } from '@/app/layouts'
import { searchOf } from './search'

const audit = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/audit',
  validateSearch: searchOf,
  component: lazyRouteComponent(() => import('./AuditPage')),
})

export const auditRoutes = [audit] as const
