import { text } from '@/text'
import { EmptyState, Page } from '@/ui'

const words = text.services

export default function ServicesPage() {
  return (
    <Page heading={words.heading} about={words.about}>
      <EmptyState {...words.empty} />
    </Page>
  )
}
