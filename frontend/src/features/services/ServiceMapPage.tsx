import { Button, SegmentedControl } from '@mantine/core'
import { IconAffiliate } from '@tabler/icons-react'
import { getRouteApi, Link } from '@tanstack/react-router'
import { text } from '@/text'
import { DataTable, EmptyState, ErrorState, Page, Panel, RowsSkeleton } from '@/ui'
import { ServiceDrawer } from './ServiceDrawer'
import { ServiceGraph } from './ServiceGraph'
import { OpenIncidents } from './ServicesPage'
import { type Dependency, type Node, titleOf, useServiceMap } from './services'
import classes from './services.module.css'

const words = text.services.map
const route = getRouteApi('/signed-in/services/map')

export default function ServiceMapPage() {
  const { view, service } = route.useSearch()
  const navigate = route.useNavigate()
  const map = useServiceMap()
  const open = (id: string) => navigate({ search: (was) => ({ ...was, service: id }) })
  return (
    <Page
      heading={words.heading}
      about={words.about}
      actions={
        <SegmentedControl
          aria-label={words.view}
          data={[
            { value: 'map', label: words.asMap },
            { value: 'table', label: words.asTable },
          ]}
          value={view ?? 'map'}
          onChange={(chosen) => navigate({ search: chosen === 'table' ? { view: 'table' } : {}, replace: true })}
        />
      }
    >
      {map.isPending && <RowsSkeleton rows={6} height={64} />}
      {map.isError && <ErrorState error={map.error} onRetry={() => map.refetch()} />}
      {map.data?.nodes.length === 0 && (
        <EmptyState {...words.empty} icon={<IconAffiliate size={22} stroke={1.6} />}>
          <Button component={Link} to="/services" variant="default">
            {words.toServices}
          </Button>
        </EmptyState>
      )}
      {map.data && map.data.nodes.length > 0 && (
        <>
          <p className={classes.legend}>{summary(map.data.nodes, map.data.edges)}</p>
          {view === 'table' ? (
            <DependencyTable nodes={map.data.nodes} edges={map.data.edges} onOpen={open} />
          ) : (
            <ServiceGraph nodes={map.data.nodes} edges={map.data.edges} chosen={service} onOpen={open} />
          )}
        </>
      )}
      {service && (
        <ServiceDrawer
          id={service}
          onClose={() => navigate({ search: view ? { view } : {}, replace: true })}
          onOpen={open}
        />
      )}
    </Page>
  )
}

const summary = (nodes: Node[], edges: Dependency[]) =>
  words.summary(nodes.length, edges.length, nodes.filter(({ open_incidents }) => open_incidents > 0).length)

const COLUMNS = [
  { label: text.services.service },
  { label: text.services.openIncidents },
  { label: text.services.dependsOn },
  { label: text.services.usedBy },
]

function DependencyTable({ nodes, edges, onOpen }: MapProps) {
  const names = new Map(nodes.map((node) => [node.id, titleOf(node)]))
  const listed = (ids: string[]) => ids.map((id) => names.get(id) ?? '').join(', ') || '–'
  return (
    <Panel heading={words.table} isFlush>
      <DataTable label={words.table} columns={COLUMNS}>
        {nodes.map((node) => (
          <tr key={node.id}>
            <td>
              <button type="button" className={classes.name} onClick={() => onOpen(node.id)}>
                {titleOf(node)}
              </button>
            </td>
            <td>
              <OpenIncidents node={node} />
            </td>
            <td>{listed(edges.filter((edge) => edge.caller_id === node.id).map((edge) => edge.callee_id))}</td>
            <td>{listed(edges.filter((edge) => edge.callee_id === node.id).map((edge) => edge.caller_id))}</td>
          </tr>
        ))}
      </DataTable>
    </Panel>
  )
}

type MapProps = { nodes: Node[]; edges: Dependency[]; onOpen: (id: string) => void }
