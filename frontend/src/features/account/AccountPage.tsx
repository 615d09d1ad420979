import { text } from '@/text'
import { Page } from '@/ui'

const words = text.account

export default function AccountPage() {
  return (
    <Page heading={words.heading} about={words.about}>
      {words.role}
    </Page>
  )
}
