import { Tabs } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { text } from '@/text'
import { EmptyState, Page } from '@/ui'
import { TABS, type Tab } from './routes'

const words = text.analytics
const route = getRouteApi('/signed-in/analytics')

export default function AnalyticsPage() {
  const { tab = TABS[0] } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <Page heading={words.heading} about={words.about}>
      <Tabs value={tab} onChange={(chosen) => navigate({ search: { tab: chosen as Tab } })} keepMounted={false}>
        <Tabs.List>
          {TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {words.tabs[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map((one) => (
          <Tabs.Panel key={one} value={one} pt={20}>
            <EmptyState {...words.empty} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  )
}
