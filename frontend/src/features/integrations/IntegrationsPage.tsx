import { Badge, Button, UnstyledButton } from '@mantine/core'
import { IconPlugConnected, IconPlus } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { api, type Model } from '@/api'
import { useMay } from '@/app/me'
import { text } from '@/text'
import { DataTable, EmptyState, ErrorState, Page, Panel, RowsSkeleton, TimeAgo } from '@/ui'
import { DeadLetters } from './DeadLetters'
import { HealthStrip } from './HealthStrip'
import { IntegrationDrawer } from './IntegrationDrawer'
import { IntegrationForm } from './IntegrationForm'
import type { Integration } from './integrations'
import classes from './integrations.module.css'
import { TokenDialog } from './TokenDialog'

const words = text.integrations
const route = getRouteApi('/signed-in/integrations')

export default function IntegrationsPage() {
  const { integration } = route.useSearch()
  const navigate = route.useNavigate()
  const may = useMay('integration:write')
  const [isMaking, setMaking] = useState(false)
  const [made, setMade] = useState<Model<'IntegrationTokenOut'> | null>(null)
  const list = api.useQuery('get', '/integrations')
  const add = (
    <Button leftSection={<IconPlus size={15} />} onClick={() => setMaking(true)}>
      {words.add}
    </Button>
  )
  return (
    <Page heading={words.heading} about={words.about} actions={may && add}>
      {list.isPending && <RowsSkeleton rows={4} />}
      {list.isError && <ErrorState error={list.error} onRetry={() => list.refetch()} />}
      {list.data?.items.length === 0 && (
        <EmptyState {...words.empty} icon={<IconPlugConnected size={22} stroke={1.6} />}>
          {may && add}
        </EmptyState>
      )}
      {list.data && list.data.items.length > 0 && (
        <Panel heading={words.senders} about={words.sendersAbout} isFlush>
          <DataTable label={words.heading} columns={COLUMNS}>
            {list.data.items.map((one) => (
              <Row key={one.id} integration={one} onOpen={() => navigate({ search: { integration: one.id } })} />
            ))}
          </DataTable>
        </Panel>
      )}
      {may && <DeadLetters />}
      {integration && <IntegrationDrawer id={integration} onClose={() => navigate({ search: {} })} onToken={setMade} />}
      {isMaking && (
        <IntegrationForm
          onClose={() => setMaking(false)}
          onMade={(token) => {
            setMaking(false)
            setMade(token)
          }}
        />
      )}
      {made && <TokenDialog integration={made} onClose={() => setMade(null)} />}
    </Page>
  )
}

const COLUMNS = [
  { label: words.name },
  { label: words.kind },
  { label: words.health },
  { label: words.baseUrl, isSecondary: true },
  { label: words.made, isSecondary: true },
]

function Row({ integration, onOpen }: { integration: Integration; onOpen: () => void }) {
  return (
    <tr>
      <td>
        <UnstyledButton className={classes.name} onClick={onOpen}>
          {integration.name}
        </UnstyledButton>
      </td>
      <td>{words.kinds[integration.kind].name}</td>
      <td>
        <Health integration={integration} />
      </td>
      <td data-secondary className={classes.url}>
        {integration.base_url ?? '–'}
      </td>
      <td data-secondary>
        <TimeAgo at={integration.created_at} />
      </td>
    </tr>
  )
}

function Health({ integration }: { integration: Integration }) {
  if (integration.revoked_at) {
    return (
      <Badge variant="default" radius="sm" tt="none">
        {words.revoked}
      </Badge>
    )
  }
  if (!integration.base_url) return <span className={classes.quiet}>{words.notChecked}</span>
  return <HealthStrip id={integration.id} most={20} />
}
