import { InfiniteQueryObserver, QueryClient } from '@tanstack/react-query'
import { expect, it } from 'vitest'
import { keepFirstPage } from './firstPage'

it('reads the first page anew as soon as the list is kept fresh again', async () => {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: 15_000 } } })
  const asked: number[] = []
  const options = {
    queryKey: ['incidents'],
    initialPageParam: 0,
    getNextPageParam: (_: string, pages: string[]) => pages.length,
    queryFn: ({ pageParam }: { pageParam: number }) => `${pageParam}, asked ${asked.push(pageParam)}`,
  }
  const list = new InfiniteQueryObserver(client, options)
  const stop = list.subscribe(() => {})
  await expect.poll(() => list.getCurrentResult().data?.pages).toHaveLength(1)
  await list.fetchNextPage()
  list.setOptions({ ...options, enabled: false })

  keepFirstPage(client, options.queryKey)
  expect(list.getCurrentResult().data?.pages).toEqual(['0, asked 1'])
  list.setOptions({ ...options, enabled: true })
  await expect.poll(() => list.getCurrentResult().data?.pages).toEqual(['0, asked 3'])
  stop()
})
