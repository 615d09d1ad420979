import { Button, Tabs } from '@mantine/core'
import { getRouteApi, Link, Navigate } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { ApiError, api, type Model, queryClient } from '@/api'
import { text } from '@/text'
import { EmptyState, ErrorState, PageSkeleton, RowsSkeleton, useWindowTitle } from '@/ui'
import { Details } from './Details'
import { Header } from './Header'
import { HypothesesPanel } from './hypotheses/HypothesesPanel'
import { PipelinePanel } from './hypotheses/PipelinePanel'
import { newestRun } from './hypotheses/runs'
import { type Incident, paramsOf, useIncident } from './incident'
import classes from './incident.module.css'
import { Related } from './Related'
import { TABS, type Tab } from './routes'
import { Similar } from './Similar'
import { Vitals } from './Vitals'

const Timeline = lazy(() => import('./timeline/Timeline'))
const Alerts = lazy(() => import('./alerts/Alerts'))
const Evidence = lazy(() => import('./evidence/Evidence'))
const Postmortem = lazy(() => import('./postmortem/Postmortem'))

const words = text.incident
const route = getRouteApi('/signed-in/incidents/$id')
const REFERENCE = /^INC-(\d{1,9})$/i

/** An incident, found by its id or by its reference. */
export default function IncidentPage() {
  const { id } = route.useParams()
  const number = REFERENCE.exec(id)?.[1]
  return number ? <ByNumber number={Number(number)} /> : <ById key={id} id={id} />
}

function ByNumber({ number }: { number: number }) {
  const search = route.useSearch()
  const found = api.useQuery('get', '/incidents', { params: { query: { number, limit: 1 } } })
  if (found.isPending) return <PageSkeleton />
  if (found.isError) return <ErrorState error={found.error} onRetry={() => found.refetch()} />
  const [incident] = found.data.items
  return incident ? <Navigate to="/incidents/$id" params={{ id: incident.id }} search={search} replace /> : <Missing />
}

function ById({ id }: { id: string }) {
  const found = useIncident(id)
  if (found.isPending) return <PageSkeleton />
  if (found.data) return <Shown incident={found.data} />
  const error: unknown = found.error
  if (error instanceof ApiError && error.status === 404) return <Missing />
  return <ErrorState error={error} onRetry={() => found.refetch()} />
}

function Missing() {
  return (
    <EmptyState {...words.missing}>
      <Button component={Link} to="/" variant="default">
        {words.toBoard}
      </Button>
    </EmptyState>
  )
}

function Shown({ incident }: { incident: Incident }) {
  useWindowTitle(`${incident.reference} ${incident.title}`)
  const navigate = route.useNavigate()
  const { tab = 'hypotheses' } = route.useSearch()
  const [expected, expect] = useState({ since: Date.parse(incident.created_at), last: 0 })
  const expectRun = () => {
    const { queryKey } = api.queryOptions('get', '/incidents/{incident_id}/workflow', paramsOf(incident.id))
    const known = queryClient.getQueryData<Model<'WorkflowOut'>>(queryKey)
    expect({ since: Date.now(), last: newestRun(known?.items ?? []) })
  }
  const show = (next: Tab) =>
    void navigate({ search: next === 'hypotheses' ? {} : { tab: next }, replace: true, resetScroll: false })
  return (
    <div className={classes.page}>
      <Header incident={incident} onShow={show} />
      <Vitals incident={incident} />
      <div className={classes.columns}>
        <Tabs
          value={tab}
          onChange={(value) => show(TABS.find((one) => one === value) ?? 'hypotheses')}
          keepMounted={false}
          className={classes.main}
        >
          <Tabs.List aria-label={words.tabsLabel} className={classes.tabs}>
            {TABS.map((one) => (
              <Tabs.Tab key={one} value={one} className={classes.tab}>
                {words.tabs[one]}
                {one === 'alerts' && <span className={classes.count}>{incident.alert_count}</span>}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {TABS.map((one) => (
            <Tabs.Panel key={one} value={one} className={classes.panel}>
              <Suspense fallback={<RowsSkeleton rows={5} />}>
                <Part tab={one} incident={incident} onAsk={expectRun} />
              </Suspense>
            </Tabs.Panel>
          ))}
        </Tabs>
        <aside className={classes.aside} aria-label={words.details.heading}>
          <Details incident={incident} />
          <div className={classes.box}>
            <PipelinePanel incidentId={incident.id} expected={expected} />
          </div>
          <Related incident={incident} />
          <Similar incident={incident} />
        </aside>
      </div>
    </div>
  )
}

function Part({ tab, incident, onAsk }: { tab: Tab; incident: Incident; onAsk: () => void }) {
  switch (tab) {
    case 'hypotheses':
      return <HypothesesPanel incidentId={incident.id} onAsk={onAsk} />
    case 'timeline':
      return <Timeline incident={incident} />
    case 'alerts':
      return <Alerts incident={incident} />
    case 'evidence':
      return <Evidence incident={incident} />
    case 'postmortem':
      return <Postmortem incident={incident} />
  }
}
