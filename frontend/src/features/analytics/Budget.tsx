import { Button, NumberInput, Text } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { api, ifMatch, lookAgain, type Model } from '@/api'
import { useMay } from '@/app/me'
import { text } from '@/text'
import { ErrorState, FormDialog, notifyDone, numberOf, Panel, RowsSkeleton, tellStale } from '@/ui'
import classes from './analytics.module.css'
import { dollars, percent, spent } from './numbers'

const words = text.analytics.budget
const MARKS = [50, 80, 100] as const
const PATH = '/analytics/ai/budget'

/** What may be spent this month, what is, and what will be; owners change it here. */
export function Budget() {
  const { data, error, isError, isPending, refetch } = api.useQuery('get', PATH)
  const [isEditing, setEditing] = useState(false)
  const mayChange = useMay('tenant:write')
  return (
    <div className={classes.budget}>
      <Panel
        heading={words.heading}
        about={words.about}
        actions={
          data &&
          mayChange && (
            <Button variant="default" size="xs" onClick={() => setEditing(true)}>
              {words.change}
            </Button>
          )
        }
      >
        {isPending && <RowsSkeleton rows={2} />}
        {isError && <ErrorState error={error} onRetry={() => void refetch()} />}
        {data && <Spent budget={data} />}
        {data && isEditing && <Form budget={data} onDone={() => setEditing(false)} />}
      </Panel>
    </div>
  )
}

function Spent({ budget }: { budget: Model<'BudgetOut'> }) {
  const used = budget.spent_usd + budget.reserved_usd
  const { share, level } = spent(used, budget.limit_usd)
  return (
    <>
      <div className={classes.budgetLine}>
        <span>{words.spent(dollars(budget.spent_usd), dollars(budget.limit_usd))}</span>
        <span>{words.left(dollars(budget.left_usd))}</span>
        {budget.reserved_usd > 0 && <span>{words.reserved(dollars(budget.reserved_usd))}</span>}
        <span>{budget.forecast_usd === null ? words.noForecast : words.forecast(dollars(budget.forecast_usd))}</span>
      </div>
      <meter className="visually-hidden" aria-label={words.heading} max={100} value={Math.min(100, share * 100)}>
        {words.meter(percent(share))}
      </meter>
      <div className={classes.meter} data-level={level} aria-hidden="true">
        <div className={classes.used} style={{ width: `${Math.min(1, share) * 100}%` }} />
        {MARKS.map((mark) => (
          <span key={mark} className={classes.mark} data-last={mark === 100} style={{ left: `${mark}%` }}>
            <span>{mark}%</span>
          </span>
        ))}
      </div>
      {level !== 'calm' && (
        <Text size="sm" c="dimmed">
          {words.levels[level]}
        </Text>
      )}
    </>
  )
}

function Form({ budget, onDone }: { budget: Model<'BudgetOut'>; onDone: () => void }) {
  const [typed, type] = useState<number | string>(budget.limit_usd)
  const limit = numberOf(typed)
  const { mutate, isPending, error } = api.useMutation('put', PATH, {
    onSuccess: () => {
      void lookAgain(PATH)
      notifyDone(words.saved)
      onDone()
    },
    onError: (refused: unknown) => tellStale(refused, onDone, PATH),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (limit !== null) mutate({ body: { limit_usd: limit }, headers: ifMatch(budget.version) })
  }
  return (
    <FormDialog
      heading={words.change}
      submit={text.common.save}
      isPending={isPending}
      isIncomplete={limit === null}
      error={error}
      onSubmit={submit}
      onClose={onDone}
    >
      <NumberInput
        label={words.limit}
        description={words.limitAbout}
        prefix="$"
        min={0}
        max={1_000_000}
        decimalScale={2}
        value={typed}
        onChange={type}
        data-autofocus
      />
    </FormDialog>
  )
}
