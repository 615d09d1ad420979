import { Button, SegmentedControl } from '@mantine/core'
import { IconPlus, IconTool } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { api, byCursor } from '@/api'
import { useMay } from '@/app/me'
import { text } from '@/text'
import { EmptyState, ErrorState, LoadMore, Page, RowsSkeleton } from '@/ui'
import classes from './maintenance.module.css'
import { isStatus, STATUSES } from './routes'
import { WindowCard } from './WindowCard'
import { WindowForm } from './WindowForm'
import type { Window } from './windows'

const words = text.maintenance
const CHOICES = [
  { value: 'all', label: words.all },
  ...STATUSES.map((value) => ({ value, label: words.statuses[value] })),
]
const route = getRouteApi('/signed-in/maintenance')

export default function MaintenancePage() {
  const { status } = route.useSearch()
  const navigate = route.useNavigate()
  const may = useMay('maintenance:write')
  const [editing, setEditing] = useState<Window | 'new' | null>(null)
  const windows = api.useInfiniteQuery(
    'get',
    '/maintenance-windows',
    { params: { query: { limit: 50, ...(status ? { status } : {}) } } },
    byCursor,
  )
  const found = windows.data?.pages.flatMap(({ items }) => items) ?? []
  const add = (
    <Button leftSection={<IconPlus size={15} />} onClick={() => setEditing('new')}>
      {words.add}
    </Button>
  )
  return (
    <Page heading={words.heading} about={words.about} actions={may && add}>
      <SegmentedControl
        mb={16}
        aria-label={words.show}
        data={CHOICES}
        value={status ?? 'all'}
        onChange={(chosen) => navigate({ search: isStatus(chosen) ? { status: chosen } : {}, replace: true })}
      />
      {windows.isPending && <RowsSkeleton rows={4} height={84} />}
      {windows.isError && <ErrorState error={windows.error} onRetry={() => windows.refetch()} />}
      {windows.isSuccess && found.length === 0 && (
        <EmptyState {...(status ? words.noneOf[status] : words.empty)} icon={<IconTool size={22} stroke={1.6} />}>
          {may && !status && add}
        </EmptyState>
      )}
      <ul className={classes.list}>
        {found.map((one) => (
          <WindowCard key={one.id} window={one} mayChange={may} onEdit={() => setEditing(one)} />
        ))}
      </ul>
      <LoadMore pages={windows} />
      {editing && <WindowForm {...(editing === 'new' ? {} : { window: editing })} onClose={() => setEditing(null)} />}
    </Page>
  )
}
