import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { signedInRoute } from '@/app/layouts'

const services = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/services',
  component: lazyRouteComponent(() => import('./ServicesPage')),
})

const map = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/services/map',
  component: lazyRouteComponent(() => import('./ServiceMapPage')),
})

export const servicesRoutes = [services, map] as const
