import { fieldErrors } from '@/api'
import { text } from '@/text'
import { ConfirmButton, Panel } from '@/ui'
import classes from '../settings.module.css'
import { Retention } from './Retention'
import { type Tenant, useTenantChange } from './tenant'

const words = text.organisation.audit

/** How long it is known who did what, and whether any of it may be deleted at all. */
export function KeptAudit({ tenant }: { tenant: Tenant }) {
  const { change, isPending, error } = useTenantChange(tenant)
  return (
    <Panel heading={words.heading} about={words.about} isFlush>
      <Retention
        key={tenant.audit_retention_days}
        kept={tenant.audit_retention_days}
        words={words}
        refusal={fieldErrors(error).audit_retention_days}
        isPending={isPending}
        onSave={(days) => days !== null && change({ audit_retention_days: days })}
      />
      <LegalHold tenant={tenant} />
    </Panel>
  )
}

function LegalHold({ tenant }: { tenant: Tenant }) {
  const { change, isPending } = useTenantChange(tenant)
  const { legal_hold: isHeld, audit_retention_days: days } = tenant
  return (
    <div className={classes.setting}>
      <div>
        <h3 className={classes.settingName}>{words.hold}</h3>
        <p className={classes.settingAbout}>{isHeld ? words.held : words.notHeld}</p>
      </div>
      <ConfirmButton
        sure={isHeld ? words.releaseSure(days) : words.holdSure}
        loading={isPending}
        onConfirm={() => change({ legal_hold: !isHeld })}
      >
        {isHeld ? words.release : words.place}
      </ConfirmButton>
    </div>
  )
}
