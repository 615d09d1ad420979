import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { signedOutRoute } from '@/app/layouts'
import { ownPath } from './links'

type Arrival = { next?: string; ended?: true }

const signIn = createRoute({
  getParentRoute: () => signedOutRoute,
  path: '/sign-in',
  validateSearch: ({ next, ended }: Record<string, unknown>): Arrival => ({
    ...(ownPath(next) ? { next: ownPath(next) } : {}),
    ...(ended ? { ended: true } : {}),
  }),
  component: lazyRouteComponent(() => import('./SignInPage')),
})

const register = createRoute({
  getParentRoute: () => signedOutRoute,
  path: '/register',
  component: lazyRouteComponent(() => import('./RegisterPage')),
})

const accept = createRoute({
  getParentRoute: () => signedOutRoute,
  path: '/accept-invitation',
  component: lazyRouteComponent(() => import('./AcceptInvitationPage')),
})

const forgot = createRoute({
  getParentRoute: () => signedOutRoute,
  path: '/forgot-password',
  component: lazyRouteComponent(() => import('./ForgotPasswordPage')),
})

const reset = createRoute({
  getParentRoute: () => signedOutRoute,
  path: '/reset-password',
  component: lazyRouteComponent(() => import('./ResetPasswordPage')),
})

export const accessRoutes = [signIn, register, accept, forgot, reset] as const
