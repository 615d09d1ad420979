import { fieldErrors } from '@/api'
import { text } from '@/text'
import { Panel } from '@/ui'
import { Retention } from './Retention'
import { type Tenant, useTenantChange } from './tenant'

const words = text.organisation.incidents

/** How long incidents are kept that are over. */
export function KeptIncidents({ tenant }: { tenant: Tenant }) {
  const { change, isPending, error } = useTenantChange(tenant)
  return (
    <Panel heading={words.heading} about={words.about} isFlush>
      <Retention
        key={tenant.incident_retention_days}
        kept={tenant.incident_retention_days}
        words={words}
        refusal={fieldErrors(error).incident_retention_days}
        isPending={isPending}
        onSave={(days) => change({ incident_retention_days: days })}
      />
    </Panel>
  )
}
