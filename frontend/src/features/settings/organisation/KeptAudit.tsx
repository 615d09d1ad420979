import { Group, NumberInput } from '@mantine/core'
import { useState } from 'react'
import { fieldErrors } from '@/api'
import { text } from '@/text'
import { ConfirmButton, Panel } from '@/ui'
import classes from '../settings.module.css'
import { type Tenant, useTenantChange } from './tenant'

const words = text.organisation.audit
const LEAST = 30 // days
const MOST = 3_650

/** How long it is known who did what, and whether any of it may be deleted at all. */
export function KeptAudit({ tenant }: { tenant: Tenant }) {
  return (
    <Panel heading={words.heading} about={words.about} isFlush>
      <Retention key={tenant.audit_retention_days} tenant={tenant} />
      <LegalHold tenant={tenant} />
    </Panel>
  )
}

function Retention({ tenant }: { tenant: Tenant }) {
  const { change, isPending, error } = useTenantChange(tenant)
  const kept = tenant.audit_retention_days
  const [typed, type] = useState<number | string>(kept)
  const days = Number(typed)
  const isPossible = Number.isInteger(days) && days >= LEAST && days <= MOST
  return (
    <div className={classes.setting}>
      <div>
        <h3 className={classes.settingName}>{words.retention}</h3>
        <p className={classes.settingAbout}>{words.retentionAbout}</p>
      </div>
      <Group gap={8} align="flex-start" wrap="nowrap">
        <NumberInput
          flex={1}
          aria-label={words.days}
          suffix={words.daysUnit}
          allowDecimal={false}
          allowNegative={false}
          thousandSeparator=","
          value={typed}
          onChange={type}
          error={isPossible ? fieldErrors(error).audit_retention_days : words.range(LEAST, MOST)}
        />
        <ConfirmButton
          sure={days < kept ? words.shorterSure(days) : words.longerSure(days)}
          disabled={!isPossible || days === kept}
          loading={isPending}
          onConfirm={() => change({ audit_retention_days: days })}
        >
          {text.common.save}
        </ConfirmButton>
      </Group>
    </div>
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
