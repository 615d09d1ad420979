import { Alert, Button, Group, NumberInput, Progress, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { api, fieldErrors, ifMatch, lookAgain, type Model } from '@/api'
import { useMe } from '@/app/me'
import { text } from '@/text'
import {
  ConfirmButton,
  DataTable,
  ErrorState,
  notifyDone,
  notifyError,
  Panel,
  RowsSkeleton,
  TimeAgo,
  tellStale,
} from '@/ui'
import classes from './settings.module.css'

const words = text.organisation

/** What holds for all projects; for the owner of the organisation. */
export function OrganisationTab() {
  return (
    <>
      <Tenant />
      <Budget />
      <People />
    </>
  )
}

function Tenant() {
  const tenant = api.useQuery('get', '/tenant')
  if (tenant.isPending) return <RowsSkeleton rows={3} />
  if (tenant.isError) return <ErrorState error={tenant.error} onRetry={() => tenant.refetch()} />
  return (
    <>
      <Panel heading={words.heading} about={words.about}>
        <NameForm key={tenant.data.version} tenant={tenant.data} />
      </Panel>
      <Panel heading={words.encryption} about={words.encryptionAbout}>
        <Alert variant="light" color={tenant.data.encryption_required ? 'teal' : 'gray'}>
          {tenant.data.encryption_required ? words.required : words.notRequired}
        </Alert>
      </Panel>
    </>
  )
}

function NameForm({ tenant }: { tenant: Model<'TenantOut'> }) {
  const form = useForm({
    initialValues: { name: tenant.name },
    validate: { name: (value) => !value.trim() && text.common.needed },
  })
  const rename = api.useMutation('patch', '/tenant', {
    onSuccess: async () => {
      await lookAgain('/tenant')
      notifyDone(text.common.saved)
    },
    onError: async (error: unknown) => {
      form.setErrors(fieldErrors(error))
      notifyError(error)
      await tellStale(error, () => undefined, '/tenant')
    },
  })
  const params = { header: ifMatch(tenant.version) }
  return (
    <form onSubmit={form.onSubmit((body) => rename.mutate({ params, body }))}>
      <Group gap={8} align="flex-start" maw={480}>
        <TextInput flex={1} aria-label={words.name} maxLength={200} {...form.getInputProps('name')} />
        <Button type="submit" variant="default" disabled={!form.isDirty()} loading={rename.isPending}>
          {words.rename}
        </Button>
      </Group>
    </form>
  )
}

const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' })

function Budget() {
  const budget = api.useQuery('get', '/analytics/ai/budget')
  if (budget.isPending) return null
  if (budget.isError) return <ErrorState error={budget.error} onRetry={() => budget.refetch()} />
  const { spent_usd, reserved_usd, limit_usd } = budget.data
  const share = limit_usd > 0 ? Math.min(100, ((spent_usd + reserved_usd) / limit_usd) * 100) : 100
  return (
    <Panel heading={words.budget} about={words.budgetAbout}>
      <Text size="sm" mb={6} className="tabular">
        {words.spent(dollars.format(spent_usd), dollars.format(limit_usd))}
        {reserved_usd > 0 && ` ${words.reserved(dollars.format(reserved_usd))}`}
      </Text>
      <Progress
        value={share}
        maw={480}
        mb={16}
        color={share >= 100 ? 'red' : share >= 80 ? 'yellow' : 'iris'}
        aria-label={words.budget}
      />
      <LimitForm key={budget.data.version} budget={budget.data} />
    </Panel>
  )
}

function LimitForm({ budget }: { budget: Model<'BudgetOut'> }) {
  const form = useForm({ initialValues: { limit_usd: budget.limit_usd as number | string } })
  const put = api.useMutation('put', '/analytics/ai/budget', {
    onSuccess: async () => {
      await lookAgain('/analytics/ai/budget', '/analytics/ai')
      notifyDone(text.common.saved)
    },
    onError: async (error: unknown) => {
      form.setErrors(fieldErrors(error))
      notifyError(error)
      await tellStale(error, () => undefined, '/analytics/ai/budget')
    },
  })
  const params = { header: ifMatch(budget.version) }
  return (
    <form onSubmit={form.onSubmit(({ limit_usd }) => put.mutate({ params, body: { limit_usd: Number(limit_usd) } }))}>
      <Group gap={8} align="flex-end" maw={480}>
        <NumberInput
          flex={1}
          label={words.limit}
          min={0}
          max={1_000_000}
          decimalScale={2}
          prefix="$"
          thousandSeparator=","
          {...form.getInputProps('limit_usd')}
        />
        <Button type="submit" variant="default" disabled={!form.isDirty()} loading={put.isPending}>
          {text.common.save}
        </Button>
      </Group>
    </form>
  )
}

const COLUMNS = [
  { label: words.person },
  { label: words.since, isSecondary: true },
  { label: words.state },
  { label: text.common.actions, isQuiet: true },
]

function People() {
  const users = api.useQuery('get', '/users')
  if (users.isPending) return <RowsSkeleton rows={3} />
  if (users.isError) return <ErrorState error={users.error} onRetry={() => users.refetch()} />
  return (
    <Panel heading={words.people} about={words.peopleAbout} isFlush>
      <DataTable label={words.people} columns={COLUMNS}>
        {users.data.items.map((user) => (
          <Person key={user.id} user={user} />
        ))}
      </DataTable>
    </Panel>
  )
}

function Person({ user }: { user: Model<'UserOut'> }) {
  const me = useMe()
  const update = api.useMutation('patch', '/users/{user_id}', {
    onSuccess: async () => {
      await lookAgain('/users', '/projects/{project_id}/members')
      notifyDone(text.common.saved)
    },
    onError: notifyError,
  })
  const isDisabled = user.disabled_at !== null
  const set = (disabled: boolean) => update.mutate({ params: { path: { user_id: user.id } }, body: { disabled } })
  return (
    <tr>
      <td>
        <span className={classes.strong}>{user.name || user.email}</span>
        <span className={classes.sub}>{user.email}</span>
      </td>
      <td data-secondary>
        <TimeAgo at={user.created_at} />
      </td>
      <td>{isDisabled ? words.disabled : user.owns_tenant ? words.owns : words.active}</td>
      <td className={classes.end}>
        {user.id !== me.id && isDisabled && (
          <Button size="xs" variant="default" loading={update.isPending} onClick={() => set(false)}>
            {words.enable}
          </Button>
        )}
        {user.id !== me.id && !isDisabled && (
          <ConfirmButton
            size="xs"
            sure={words.disableSure}
            aria-label={words.disableOf(user.name || user.email)}
            loading={update.isPending}
            onConfirm={() => set(true)}
          >
            {words.disable}
          </ConfirmButton>
        )}
      </td>
    </tr>
  )
}
