import { Alert } from '@mantine/core'
import { IconLock, IconLockOpen } from '@tabler/icons-react'
import { text } from '@/text'
import { ConfirmButton, Panel } from '@/ui'
import { type Tenant, useTenantChange } from './tenant'

const words = text.organisation.sealing

/** Whether requests have to be encrypted on top of TLS. */
export function SealedRequests({ tenant }: { tenant: Tenant }) {
  const { change, isPending } = useTenantChange(tenant)
  const { encryption_required: isRequired } = tenant
  return (
    <Panel
      heading={words.heading}
      about={words.about}
      actions={
        <ConfirmButton
          size="xs"
          sure={isRequired ? words.stopSure : words.requireSure}
          loading={isPending}
          onConfirm={() => change({ encryption_required: !isRequired })}
        >
          {isRequired ? words.stop : words.require}
        </ConfirmButton>
      }
    >
      <Alert
        variant="light"
        color={isRequired ? 'teal' : 'gray'}
        icon={isRequired ? <IconLock size={16} /> : <IconLockOpen size={16} />}
      >
        {isRequired ? words.required : words.notRequired}
      </Alert>
    </Panel>
  )
}
