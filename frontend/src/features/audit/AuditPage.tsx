import { text } from '@/text'
import { EmptyState, Page } from '@/ui'

const words = text.audit

export default function AuditPage() {
  return (
    <Page heading={words.heading} about={words.about}>
      <EmptyState {...words.empty} />
    </Page>
  )
}
