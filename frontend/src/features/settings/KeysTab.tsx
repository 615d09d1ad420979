import { Button, Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconKey, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { api, fieldErrors, lookAgain, type Model } from '@/api'
import { useMay, useMe } from '@/app/me'
import { text } from '@/text'
import {
  ConfirmButton,
  DataTable,
  EmptyState,
  ErrorState,
  FormDialog,
  notifyDone,
  notifyError,
  Panel,
  RowsSkeleton,
  TimeAgo,
} from '@/ui'
import { OnceDialog } from './OnceDialog'
import { type Role, rolesBelow } from './people/roles'
import classes from './settings.module.css'

const words = text.keys

/** The keys by which programs sign in. */
export function KeysTab() {
  const may = useMay('api_key:write')
  const [isMaking, setMaking] = useState(false)
  const keys = api.useQuery('get', '/api-keys')
  const add = (
    <Button leftSection={<IconPlus size={15} />} onClick={() => setMaking(true)}>
      {words.add}
    </Button>
  )
  return (
    <>
      <Panel heading={words.heading} about={words.about} actions={may && add} isFlush>
        {keys.isPending && <RowsSkeleton rows={3} />}
        {keys.isError && <ErrorState error={keys.error} onRetry={() => keys.refetch()} />}
        {keys.data?.items.length === 0 && <EmptyState {...words.empty} icon={<IconKey size={22} stroke={1.6} />} />}
        {keys.data && keys.data.items.length > 0 && (
          <DataTable label={words.heading} columns={COLUMNS}>
            {keys.data.items.map((key) => (
              <Row key={key.id} apiKey={key} mayChange={may} />
            ))}
          </DataTable>
        )}
      </Panel>
      {isMaking && <KeyDialog onClose={() => setMaking(false)} />}
    </>
  )
}

const COLUMNS = [
  { label: words.name },
  { label: words.role },
  { label: words.lastUsed, isSecondary: true },
  { label: words.state },
  { label: text.common.actions, isQuiet: true },
]

function Row({ apiKey, mayChange }: { apiKey: Model<'ApiKeyOut'>; mayChange: boolean }) {
  const revoke = api.useMutation('delete', '/api-keys/{key_id}', {
    onSuccess: async () => {
      await lookAgain('/api-keys')
      notifyDone(words.revokedDone)
    },
    onError: notifyError,
  })
  const { expires_at, revoked_at, last_used_at } = apiKey
  const isExpired = expires_at !== null && Date.parse(expires_at) <= Date.now()
  return (
    <tr>
      <td>
        <span className={classes.strong}>{apiKey.name}</span>
        <span className={classes.sub}>
          {words.made} <TimeAgo at={apiKey.created_at} />
        </span>
      </td>
      <td>{text.common.role[apiKey.role]}</td>
      <td data-secondary>{last_used_at ? <TimeAgo at={last_used_at} /> : words.never}</td>
      <td>
        {revoked_at ? (
          <>
            {words.revoked} <TimeAgo at={revoked_at} />
          </>
        ) : expires_at ? (
          <>
            {isExpired ? words.expired : words.expires} <TimeAgo at={expires_at} />
          </>
        ) : (
          words.forever
        )}
      </td>
      <td className={classes.end}>
        {mayChange && !revoked_at && !isExpired && (
          <ConfirmButton
            size="xs"
            sure={words.revokeSure}
            aria-label={words.revokeOf(apiKey.name)}
            loading={revoke.isPending}
            onConfirm={() => revoke.mutate({ params: { path: { key_id: apiKey.id } } })}
          >
            {words.revoke}
          </ConfirmButton>
        )}
      </td>
    </tr>
  )
}

const DAYS = [7, 30, 90, 365]

function KeyDialog({ onClose }: { onClose: () => void }) {
  const { role } = useMe()
  const form = useForm({
    initialValues: { name: '', role: 'viewer' as Role, days: '90' },
    validate: { name: (value) => !value.trim() && text.common.needed },
  })
  const create = api.useMutation('post', '/api-keys', {
    onSuccess: () => lookAgain('/api-keys'),
    onError: (error: unknown) => form.setErrors(fieldErrors(error)),
  })
  if (create.data) {
    return (
      <OnceDialog
        heading={words.keyOf(create.data.name)}
        about={words.once}
        secret={create.data.key}
        label={words.copy}
        onClose={onClose}
      />
    )
  }
  return (
    <FormDialog
      heading={words.add}
      submit={words.make}
      isPending={create.isPending}
      error={create.error}
      onSubmit={form.onSubmit(({ days, ...given }) =>
        create.mutate({ body: { ...given, expires_in_days: Number(days) || null } }),
      )}
      onClose={onClose}
    >
      <TextInput
        label={words.name}
        placeholder={words.placeholder}
        maxLength={200}
        data-autofocus
        {...form.getInputProps('name')}
      />
      <Select
        label={words.role}
        data={rolesBelow(role).map((value) => ({ value, label: text.common.role[value] }))}
        {...form.getInputProps('role')}
      />
      <Select
        label={words.lifetime}
        data={[
          ...DAYS.map((days) => ({ value: String(days), label: words.days(days) })),
          { value: '0', label: words.forever },
        ]}
        {...form.getInputProps('days')}
      />
    </FormDialog>
  )
}
