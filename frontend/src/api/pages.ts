type Page = { next_cursor?: string | null }

/** How `api.useInfiniteQuery` goes on in the API's lists. */
export const byCursor = {
  pageParamName: 'cursor',
  initialPageParam: null as string | null,
  getNextPageParam: (last: Page) => last.next_cursor ?? null,
}
