import { keepPreviousData } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { api, type Model, queryClient } from '@/api'
import { type LiveEvent, useLiveEvents } from '@/realtime'
import { keepFirstPage } from './firstPage'
import { type BoardSearch, queryOf } from './search'

export type Incident = Model<'FoundOut'>

const PAGE = 100
const MOST_LIVE_PAGES = 3

/**
 * The incidents of a search, page after page, kept fresh while the first ones are looked at. Far down, where keeping fresh
 * would mean to read thousands again and again, they stay as they are, and `behind` says that something has changed.
 */
export function useIncidents(search: BoardSearch) {
  const [deepIn, setDeepIn] = useState<string | null>(null)
  const [behind, setBehind] = useState(false)
  const query = queryOf(search)
  const asked = JSON.stringify(query)
  const deep = deepIn === asked
  const init = { params: { query: { ...query, limit: PAGE } } }
  const found = api.useInfiniteQuery('get', '/incidents', init, {
    pageParamName: 'cursor',
    initialPageParam: null,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    enabled: !deep,
  })
  const pages = found.data?.pages ?? []

  const onEvent = useCallback(
    ({ type }: LiveEvent) => {
      if (deep && /^(incident|alert)\./.test(type)) setBehind(true)
    },
    [deep],
  )
  useLiveEvents(onEvent)

  /** Tells whether the first incidents are in sight; when they are again, only they are kept. */
  const lookAt = (top: boolean) => {
    const next = !top && pages.length > MOST_LIVE_PAGES
    if (next === deep) return
    setDeepIn(next ? asked : null)
    setBehind(false)
    if (!next) keepFirstPage(queryClient, api.queryOptions('get', '/incidents', init).queryKey)
  }

  return {
    ...found,
    incidents: pages.flatMap((page) => page.items),
    behind: behind && deep,
    lookAt,
  }
}
