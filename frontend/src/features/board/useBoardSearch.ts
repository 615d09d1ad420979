import { getRouteApi } from '@tanstack/react-router'
import { useCallback } from 'react'
import type { BoardSearch } from './search'

const route = getRouteApi('/signed-in/')

type Change = { [Name in keyof BoardSearch]: BoardSearch[Name] | undefined }

/** What the board shows, and how to change it. Every change is in the address; `quietly` adds nothing to the history. */
export function useBoardSearch() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const change = useCallback(
    (changed: Change, { quietly = false } = {}) =>
      void navigate({
        search: (now) => ({ ...now, ...changed }) as BoardSearch,
        replace: quietly,
        resetScroll: false,
      }),
    [navigate],
  )
  const show = useCallback((next: BoardSearch) => void navigate({ search: next, resetScroll: false }), [navigate])
  return { search, change, show }
}
