import { Tabs } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import { api } from '@/api'
import { useMay, useMe } from '@/app/me'
import { text } from '@/text'
import { EmptyState, Page } from '@/ui'
import Entries from './Entries'
import Statistics from './Statistics'
import { TABS, type Tab } from './search'
import { useAuditSearch } from './useAuditSearch'
import Verification from './Verification'

const words = text.audit
const SHOWN = { entries: Entries, stats: Statistics, verify: Verification }

export default function AuditPage() {
  const { search, change } = useAuditSearch()
  const { role } = useMe()
  const mayRead = useMay('audit:read')
  const tenant = api.useQuery('get', '/tenant', {}, { enabled: mayRead }).data
  if (!mayRead) {
    return (
      <Page heading={words.heading} about={words.about}>
        <EmptyState
          title={words.forbidden}
          advice={text.common.forbidden(role ? text.common.role[role] : '')}
          icon={<IconLock size={22} stroke={1.6} />}
        />
      </Page>
    )
  }
  const kept = tenant ? ` ${words.kept(tenant.audit_retention_days, tenant.legal_hold)}` : ''
  return (
    <Page heading={words.heading} about={`${words.about}${kept}`}>
      <Tabs value={search.tab ?? TABS[0]} onChange={(tab) => change({ tab: tab as Tab })} keepMounted={false}>
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
              <Shown />
            </Tabs.Panel>
          )
        })}
      </Tabs>
    </Page>
  )
}
