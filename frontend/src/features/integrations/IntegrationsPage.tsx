import { text } from '@/text'
import { EmptyState, Page } from '@/ui'

const words = text.integrations

export default function IntegrationsPage() {
  return (
    <Page heading={words.heading} about={words.about}>
      <EmptyState {...words.empty} />
    </Page>
  )
}
