import { Group, NumberInput } from '@mantine/core'
import { useState } from 'react'
import { fieldErrors } from '@/api'
import { text } from '@/text'
import { ConfirmButton, Panel } from '@/ui'
import classes from '../settings.module.css'
import { type Tenant, useTenantChange } from './tenant'

const words = text.organisation.incidents
const LEAST = 30 // days
const MOST = 3_650

/** How long incidents are kept that are over; empty is for ever. */
export function KeptIncidents({ tenant }: { tenant: Tenant }) {
  const { change, isPending, error } = useTenantChange(tenant)
  const kept = tenant.incident_retention_days
  const [typed, type] = useState<number | string>(kept ?? '')
  const days = typed === '' ? null : Number(typed)
  const isPossible = days === null || (Number.isInteger(days) && days >= LEAST && days <= MOST)
  const isShorter = days !== null && (kept === null || days < kept)
  return (
    <Panel heading={words.heading} about={words.about} isFlush>
      <div className={classes.setting}>
        <div>
          <h3 className={classes.settingName}>{words.retention}</h3>
          <p className={classes.settingAbout}>{words.retentionAbout}</p>
        </div>
        <Group gap={8} align="flex-start" wrap="nowrap">
          <NumberInput
            flex={1}
            aria-label={words.days}
            placeholder={words.forEver}
            suffix={words.daysUnit}
            allowDecimal={false}
            allowNegative={false}
            thousandSeparator=","
            value={typed}
            onChange={type}
            error={isPossible ? fieldErrors(error).incident_retention_days : words.range(LEAST, MOST)}
          />
          <ConfirmButton
            sure={isShorter ? words.shorterSure(days) : words.longerSure}
            disabled={!isPossible || days === kept}
            loading={isPending}
            onConfirm={() => change({ incident_retention_days: days })}
          >
            {text.common.save}
          </ConfirmButton>
        </Group>
      </div>
    </Panel>
  )
}
