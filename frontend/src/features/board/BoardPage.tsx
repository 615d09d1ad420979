import { text } from '@/text'
import { EmptyState, Page } from '@/ui'

const words = text.board

export default function BoardPage() {
  return (
    <Page heading={words.heading}>
      <EmptyState {...words.empty} />
    </Page>
  )
}
