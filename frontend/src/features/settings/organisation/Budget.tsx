import { Button, Group, NumberInput, Progress, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { api, fieldErrors, ifMatch, lookAgain, type Model } from '@/api'
import { text } from '@/text'
import { ErrorState, notifyDone, numberOf, Panel, tellRefusal } from '@/ui'

const words = text.organisation
const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' })

/** What the language model may cost, and what it has cost this month. */
export function Budget() {
  const budget = api.useQuery('get', '/analytics/ai/budget')
  if (budget.isPending) return null
  if (!budget.data) return <ErrorState error={budget.error} onRetry={() => budget.refetch()} />
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
  const limit = numberOf(form.values.limit_usd)
  const put = api.useMutation('put', '/analytics/ai/budget', {
    onSuccess: async () => {
      await lookAgain('/analytics/ai/budget', '/analytics/ai')
      notifyDone(text.common.saved)
    },
    onError: async (error: unknown) => {
      form.setErrors(fieldErrors(error))
      await tellRefusal(error, '/analytics/ai/budget')
    },
  })
  const params = { header: ifMatch(budget.version) }
  const submit = form.onSubmit(() => {
    if (limit !== null) put.mutate({ params, body: { limit_usd: limit } })
  })
  return (
    <form onSubmit={submit}>
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
        <Button type="submit" variant="default" disabled={!form.isDirty() || limit === null} loading={put.isPending}>
          {text.common.save}
        </Button>
      </Group>
    </form>
  )
}
