import { text } from '@/text'
import { EmptyState, Page } from '@/ui'

const words = text.services.map

export default function ServiceMapPage() {
  return (
    <Page heading={words.heading} about={words.about}>
      <EmptyState {...words.empty} />
    </Page>
  )
}
