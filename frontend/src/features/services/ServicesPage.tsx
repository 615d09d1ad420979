import { Anchor, Button, TextInput, UnstyledButton } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconBook2, IconFileImport, IconPlus, IconSearch } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '@/app/me'
import { text } from '@/text'
import { DataTable, EmptyState, ErrorState, LoadMore, Page, Panel, RowsSkeleton, SeverityBadge, TimeAgo } from '@/ui'
import { ImportDialog } from './ImportDialog'
import { ServiceDrawer } from './ServiceDrawer'
import { ServiceForm } from './ServiceForm'
import { type Node, type Service, titleOf, useServiceMap, useServices } from './services'
import classes from './services.module.css'

const words = text.services
const route = getRouteApi('/signed-in/services')

export default function ServicesPage() {
  const { owner = '', service } = route.useSearch()
  const navigate = route.useNavigate()
  const may = useMay('service:write')
  const [dialog, setDialog] = useState<'new' | 'import' | null>(null)
  const services = useServices(owner)
  const map = useServiceMap()
  const failing = new Map((map.data?.nodes ?? []).map((node) => [node.id, node]))
  const found = services.data?.pages.flatMap(({ items }) => items) ?? []
  const filter = useDebouncedCallback((value: string) => {
    void navigate({ search: value ? { owner: value } : {}, replace: true })
  }, 300)
  return (
    <Page
      heading={words.heading}
      about={words.about}
      actions={
        may && (
          <>
            <Button variant="default" leftSection={<IconFileImport size={15} />} onClick={() => setDialog('import')}>
              {words.import.open}
            </Button>
            <Button leftSection={<IconPlus size={15} />} onClick={() => setDialog('new')}>
              {words.add}
            </Button>
          </>
        )
      }
    >
      <TextInput
        className={classes.filter}
        aria-label={words.filter}
        placeholder={words.filter}
        leftSection={<IconSearch size={15} />}
        defaultValue={owner}
        onChange={(event) => filter(event.currentTarget.value.trim())}
      />
      {services.isPending && <RowsSkeleton />}
      {services.isError && <ErrorState error={services.error} onRetry={() => services.refetch()} />}
      {services.isSuccess && found.length === 0 && <EmptyState {...(owner ? words.noneOf(owner) : words.empty)} />}
      {found.length > 0 && (
        <Panel heading={words.catalogue} isFlush>
          <DataTable label={words.heading} columns={COLUMNS}>
            {found.map((one) => (
              <Row
                key={one.id}
                service={one}
                node={failing.get(one.id)}
                onOpen={() => navigate({ search: (was) => ({ ...was, service: one.id }) })}
              />
            ))}
          </DataTable>
          <LoadMore pages={services} />
        </Panel>
      )}
      {service && (
        <ServiceDrawer
          id={service}
          onClose={() => navigate({ search: owner ? { owner } : {} })}
          onOpen={(id) => navigate({ search: (was) => ({ ...was, service: id }) })}
        />
      )}
      {dialog === 'new' && <ServiceForm onClose={() => setDialog(null)} />}
      {dialog === 'import' && <ImportDialog onClose={() => setDialog(null)} />}
    </Page>
  )
}

const COLUMNS = [
  { label: words.service },
  { label: words.openIncidents },
  { label: words.tier },
  { label: words.owner, isSecondary: true },
  { label: words.runbook, isSecondary: true },
  { label: words.updated, isSecondary: true },
]

function Row({ service, node, onOpen }: { service: Service; node: Node | undefined; onOpen: () => void }) {
  return (
    <tr>
      <td>
        <UnstyledButton className={classes.name} onClick={onOpen}>
          {titleOf(service)}
          {service.display_name && <span className={classes.quiet}>{service.name}</span>}
        </UnstyledButton>
      </td>
      <td>
        <OpenIncidents node={node} />
      </td>
      <td>{service.tier === null ? <span className={classes.quiet}>–</span> : words.tierOf(service.tier)}</td>
      <td data-secondary>{service.owner || <span className={classes.quiet}>{words.noOwner}</span>}</td>
      <td data-secondary>
        {service.runbook_url ? (
          <Anchor href={service.runbook_url} target="_blank" rel="noopener noreferrer" size="sm">
            <IconBook2 size={14} aria-hidden="true" className={classes.inline} /> {words.openRunbook}
          </Anchor>
        ) : (
          <span className={classes.quiet}>–</span>
        )}
      </td>
      <td data-secondary>
        <TimeAgo at={service.updated_at} />
      </td>
    </tr>
  )
}

/** How many incidents are open on a service, and the worst of them. */
export function OpenIncidents({ node }: { node: Node | undefined }) {
  if (!node?.open_incidents || !node.worst_severity) return <span className={classes.quiet}>{words.none}</span>
  return (
    <span className={classes.open}>
      <b className="tabular">{node.open_incidents}</b> <SeverityBadge severity={node.worst_severity} />
    </span>
  )
}
