import { getRouteApi } from '@tanstack/react-router'
import { useCallback } from 'react'
import { type AuditSearch, searchOf } from './search'

const route = getRouteApi('/signed-in/audit')

type Change = { [Name in keyof AuditSearch]: AuditSearch[Name] | undefined }

/** What the page shows, and how to change it; `quietly` adds nothing to the history. */
export function useAuditSearch() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const change = useCallback(
    (changed: Change, { quietly = false } = {}) =>
      void navigate({
        search: (now) => searchOf({ ...now, ...changed }),
        replace: quietly,
        resetScroll: false,
      }),
    [navigate],
  )
  return { search, change }
}
