import { Button, Group, NumberInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { fieldErrors } from '@/api'
import { text } from '@/text'
import { Panel } from '@/ui'
import { type Tenant, useTenantChange } from './tenant'

const words = text.organisation.calls
const LEAST = 60 // calls a minute
const MOST = 1_000_000

/** How often the organisation may call; without a number, as often as the deployment allows. */
export function Calls({ tenant }: { tenant: Tenant }) {
  const { change, isPending, error } = useTenantChange(tenant)
  const [typed, type] = useState<number | string>(tenant.rate_limit_per_minute ?? '')
  const limit = typed === '' ? null : Number(typed)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change({ rate_limit_per_minute: limit })
  }
  return (
    <Panel heading={words.heading} about={words.about}>
      <form onSubmit={submit}>
        <Group gap={8} align="flex-end" maw={480}>
          <NumberInput
            flex={1}
            label={words.limit}
            description={words.limitAbout(LEAST, MOST)}
            placeholder={words.deployment}
            min={LEAST}
            max={MOST}
            allowDecimal={false}
            thousandSeparator=","
            value={typed}
            onChange={type}
            error={fieldErrors(error).rate_limit_per_minute}
          />
          <Button type="submit" variant="default" disabled={limit === tenant.rate_limit_per_minute} loading={isPending}>
            {text.common.save}
          </Button>
        </Group>
      </form>
    </Panel>
  )
}
