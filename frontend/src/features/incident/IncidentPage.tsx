import { getRouteApi } from '@tanstack/react-router'
import { api } from '@/api'
import { text } from '@/text'
import { EmptyState, ErrorState, Page, PageSkeleton } from '@/ui'

const route = getRouteApi('/signed-in/incidents/$id')

export default function IncidentPage() {
  const { id } = route.useParams()
  const found = api.useQuery('get', '/incidents/{incident_id}', { params: { path: { incident_id: id } } })
  if (found.isPending) return <PageSkeleton />
  if (found.isError) return <ErrorState error={found.error} onRetry={() => found.refetch()} />
  const { reference, title } = found.data
  return (
    <Page heading={`${reference} ${title}`}>
      <EmptyState {...text.incident.empty} />
    </Page>
  )
}
