import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { signedInRoute } from '@/app/layouts'

type Filters = { owner?: string; service?: string }
type View = { view?: 'table'; service?: string }

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

const services = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/services',
  validateSearch: ({ owner, service }: Record<string, unknown>): Filters => ({
    ...(isText(owner) && { owner }),
    ...(isText(service) && { service }),
  }),
  component: lazyRouteComponent(() => import('./ServicesPage')),
})

const map = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/services/map',
  validateSearch: ({ view, service }: Record<string, unknown>): View => ({
    ...(view === 'table' && { view }),
    ...(isText(service) && { service }),
  }),
  component: lazyRouteComponent(() => import('./ServiceMapPage')),
})

export const servicesRoutes = [services, map] as const
