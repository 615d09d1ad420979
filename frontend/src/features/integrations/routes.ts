import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { signedInRoute } from '@/app/layouts'

const integrations = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/integrations',
  validateSearch: ({ integration }: Record<string, unknown>): { integration?: string } =>
    typeof integration === 'string' ? { integration } : {},
  component: lazyRouteComponent(() => import('./IntegrationsPage')),
})

export const integrationsRoutes = [integrations] as const
