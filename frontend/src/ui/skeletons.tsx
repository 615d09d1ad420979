import { Skeleton, Stack } from '@mantine/core'
import { text } from '@/text'

/** The shape of a list that is on its way. */
export function RowsSkeleton({ rows = 8, height = 44 }: { rows?: number; height?: number }) {
  return (
    <Stack gap={1} role="status" aria-label={text.common.loading}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move
        <Skeleton key={row} height={height} radius="sm" opacity={1 - row / (rows + 1)} />
      ))}
    </Stack>
  )
}

/** The shape of a page that is on its way. */
export function PageSkeleton() {
  return (
    <Stack p={28} gap={16} maw={1120} mx="auto" role="status" aria-label={text.common.loading}>
      <Skeleton height={26} width={220} />
      <Skeleton height={14} width={360} />
      <RowsSkeleton />
    </Stack>
  )
}
