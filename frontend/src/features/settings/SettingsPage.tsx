import { Tabs } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import type { ComponentType } from 'react'
import { type Permission, useMe } from '@/app/me'
import { text } from '@/text'
import { Page } from '@/ui'
import { ChannelsTab } from './channels/ChannelsTab'
import { KeysTab } from './KeysTab'
import { OrganisationTab } from './organisation/OrganisationTab'
import { PeopleTab } from './people/PeopleTab'
import { PoliciesTab } from './policies/PoliciesTab'
import { TABS, type Tab } from './routes'

const words = text.settings
const route = getRouteApi('/signed-in/settings')

const SHOWN: Record<Tab, { needs: Permission; content: ComponentType }> = {
  project: { needs: 'project:read', content: PoliciesTab },
  people: { needs: 'member:read', content: PeopleTab },
  keys: { needs: 'api_key:read', content: KeysTab },
  channels: { needs: 'notification:read', content: ChannelsTab },
  organisation: { needs: 'tenant:write', content: OrganisationTab },
}

export default function SettingsPage() {
  const { permissions } = useMe()
  const tabs = TABS.filter((one) => permissions.includes(SHOWN[one].needs))
  const { tab: asked } = route.useSearch()
  const tab = tabs.find((one) => one === asked) ?? TABS[0]
  const navigate = route.useNavigate()
  return (
    <Page heading={words.heading} about={words.about}>
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(chosen) => {
          const found = tabs.find((one) => one === chosen)
          if (found) void navigate({ search: { tab: found } })
        }}
      >
        <Tabs.List>
          {tabs.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {words.tabs[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map((one) => {
          const Content = SHOWN[one].content
          return (
            <Tabs.Panel key={one} value={one} pt={20}>
              <Content />
            </Tabs.Panel>
          )
        })}
      </Tabs>
    </Page>
  )
}
