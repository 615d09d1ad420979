import type { QueryClient, QueryKey } from '@tanstack/react-query'

type Pages = { pages: unknown[]; pageParams: unknown[] }

/** Keeps the first page alone of a list that went on, and counts it as stale: nobody has kept it fresh meanwhile. */
export function keepFirstPage(client: QueryClient, queryKey: QueryKey): void {
  client.setQueryData<Pages>(queryKey, (data) => data && firstOf(data), { updatedAt: 0 })
}

const firstOf = ({ pages, pageParams }: Pages): Pages => ({
  pages: pages.slice(0, 1),
  pageParams: pageParams.slice(0, 1),
})
