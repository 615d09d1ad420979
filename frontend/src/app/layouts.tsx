import { createRootRoute, createRoute, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router'
import { ApiError } from '@/api'
import { PageSkeleton } from '@/ui'
import { Crashed, NotFound } from './failures'
import { loadMe } from './me'

export const rootRoute = createRootRoute({
  component: Outlet,
  notFoundComponent: NotFound,
  errorComponent: Crashed,
})

/** Pages for people who are signed in, inside the shell. Others are sent to sign in, and come back afterwards. */
export const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  component: lazyRouteComponent(() => import('./Shell')),
  pendingComponent: PageSkeleton,
  errorComponent: Crashed,
  beforeLoad: async ({ location }) => {
    try {
      return { me: await loadMe() }
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        throw redirect({ to: '/sign-in', search: { next: location.href }, replace: true })
      }
      throw error
    }
  },
})

/** Pages for people who are not signed in. */
export const signedOutRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-out',
  component: lazyRouteComponent(() => import('@/features/access/AccessLayout')),
  errorComponent: Crashed,
})
