import { createRouter } from '@tanstack/react-router'
import { onSessionEnd, queryClient } from '@/api'
import { accessRoutes } from '@/features/access/routes'
import { accountRoutes } from '@/features/account/routes'
import { analyticsRoutes } from '@/features/analytics/routes'
import { auditRoutes } from '@/features/audit/routes'
import { boardRoutes } from '@/features/board/routes'
import { incidentRoutes } from '@/features/incident/routes'
import { integrationsRoutes } from '@/features/integrations/routes'
import { maintenanceRoutes } from '@/features/maintenance/routes'
import { servicesRoutes } from '@/features/services/routes'
import { settingsRoutes } from '@/features/settings/routes'
import { notifyError, PageSkeleton } from '@/ui'
import { rootRoute, signedInRoute, signedOutRoute } from './layouts'
import { forgetEverything, goOnInSession, type Me, meQuery } from './me'
import { followTabs } from './tabs'
import { tellWhenTooMany } from './tooMany'

const routeTree = rootRoute.addChildren([
  signedOutRoute.addChildren([...accessRoutes]),
  signedInRoute.addChildren([
    ...boardRoutes,
    ...incidentRoutes,
    ...servicesRoutes,
    ...integrationsRoutes,
    ...maintenanceRoutes,
    ...analyticsRoutes,
    ...auditRoutes,
    ...settingsRoutes,
    ...accountRoutes,
  ]),
])

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  // The query cache knows better what is fresh.
  defaultPreloadStaleTime: 0,
  defaultPendingComponent: PageSkeleton,
  scrollRestoration: true,
})

/** Whoever was signed in when the session ended is asked to sign in again, and comes back to where they were. */
function askToSignIn(): void {
  if (queryClient.getQueryData(meQuery.queryKey) === undefined) return
  const next = router.state.location.href
  forgetEverything()
  void router.navigate({ to: '/sign-in', search: { next, ended: true } })
}

onSessionEnd(askToSignIn)
followTabs({
  me: () => queryClient.getQueryData<Me>(meQuery.queryKey) ?? null,
  askToSignIn,
  goOn: () => void goOnInSession().catch(notifyError),
})
tellWhenTooMany()

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
