import { Button, Center } from '@mantine/core'
import { text } from '@/text'

type Pages = { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }

/** The end of a list that goes on. */
export function LoadMore({ pages }: { pages: Pages }) {
  if (!pages.hasNextPage) return null
  return (
    <Center p={12}>
      <Button
        variant="default"
        size="xs"
        loading={pages.isFetchingNextPage}
        onClick={() => {
          pages.fetchNextPage()
        }}
      >
        {text.common.loadMore}
      </Button>
    </Center>
  )
}
