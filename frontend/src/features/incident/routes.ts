import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { signedInRoute } from '@/app/layouts'

const incident = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/incidents/$id',
  component: lazyRouteComponent(() => import('./IncidentPage')),
})

export const incidentRoutes = [incident] as const
