import { useEffect } from 'react'

type Paged = { hasNextPage: boolean; isFetching: boolean; isError: boolean; fetchNextPage: () => unknown }

/** Reads on by itself until so many pages are there; whatever comes after, people ask for. */
export function useReadOn({ hasNextPage, isFetching, isError, fetchNextPage }: Paged, pages: number, most: number) {
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError && pages < most) void fetchNextPage()
  }, [hasNextPage, isFetching, isError, fetchNextPage, pages, most])
}
