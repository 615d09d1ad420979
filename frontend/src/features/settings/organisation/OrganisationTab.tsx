import { api } from '@/api'
import { text } from '@/text'
import { ErrorState, Panel, RowsSkeleton } from '@/ui'
import { RenameForm } from '../RenameForm'
import { Accounts } from './Accounts'
import { Budget } from './Budget'
import { Calls } from './Calls'
import { KeptAudit } from './KeptAudit'
import { KeptIncidents } from './KeptIncidents'
import { Projects } from './Projects'
import { SealedRequests } from './SealedRequests'
import { type Tenant, useTenantChange } from './tenant'

const words = text.organisation

/** What holds for all projects; for the owner of the organisation. */
export function OrganisationTab() {
  return (
    <>
      <Whole />
      <Projects />
      <Budget />
      <Accounts />
    </>
  )
}

function Whole() {
  const tenant = api.useQuery('get', '/tenant')
  if (tenant.isPending) return <RowsSkeleton rows={3} />
  if (!tenant.data) return <ErrorState error={tenant.error} onRetry={() => tenant.refetch()} />
  return (
    <>
      <Panel heading={words.heading} about={words.about}>
        <Name key={tenant.data.name} tenant={tenant.data} />
      </Panel>
      <SealedRequests tenant={tenant.data} />
      <Calls key={tenant.data.rate_limit_per_minute} tenant={tenant.data} />
      <KeptIncidents tenant={tenant.data} />
      <KeptAudit tenant={tenant.data} />
    </>
  )
}

function Name({ tenant }: { tenant: Tenant }) {
  const { change, isPending, error } = useTenantChange(tenant)
  return <RenameForm label={words.name} name={tenant.name} isPending={isPending} error={error} onRename={change} />
}
