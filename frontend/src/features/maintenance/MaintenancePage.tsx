import { text } from '@/text'
import { EmptyState, Page } from '@/ui'

const words = text.maintenance

export default function MaintenancePage() {
  return (
    <Page heading={words.heading} about={words.about}>
      <EmptyState {...words.empty} />
    </Page>
  )
}
