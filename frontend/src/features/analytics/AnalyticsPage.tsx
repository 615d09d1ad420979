import { Tabs } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { text } from '@/text'
import { Page, RowsSkeleton } from '@/ui'
import { TABS, type Tab } from './search'
import { useAnalyticsSearch } from './useAnalyticsSearch'

const words = text.analytics

const SHOWN: Record<Tab, ReturnType<typeof lazy>> = {
  incidents: lazy(() => import('./IncidentFigures')),
  ai: lazy(() => import('./AiFigures')),
  accuracy: lazy(() => import('./AccuracyFigures')),
}

export default function AnalyticsPage() {
  const { search, change } = useAnalyticsSearch()
  const tab = search.tab ?? TABS[0]
  return (
    <Page heading={words.heading} about={words.about}>
      <Tabs value={tab} onChange={(chosen) => change({ tab: chosen as Tab })} keepMounted={false}>
        <Tabs.List mb={16}>
          {TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {words.tabs[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map((one) => {
          const Shown = SHOWN[one]
          return (
            <Tabs.Panel key={one} value={one}>
              <Suspense fallback={<RowsSkeleton />}>
                <Shown />
              </Suspense>
            </Tabs.Panel>
          )
        })}
      </Tabs>
    </Page>
  )
}
