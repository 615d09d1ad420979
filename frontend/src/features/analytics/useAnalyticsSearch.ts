import { getRouteApi } from '@tanstack/react-router'
import { useCallback } from 'react'
import type { AnalyticsSearch } from './search'

const route = getRouteApi('/signed-in/analytics')

type Change = { [Name in keyof AnalyticsSearch]: AnalyticsSearch[Name] | undefined }

/** What the page shows, and how to change it; every change is in the address. */
export function useAnalyticsSearch() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const change = useCallback(
    (changed: Change) =>
      void navigate({ search: (now) => ({ ...now, ...changed }) as AnalyticsSearch, resetScroll: false }),
    [navigate],
  )
  return { search, change }
}
