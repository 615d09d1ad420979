import { Group, Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { api, ifMatch } from '@/api'
import { text } from '@/text'
import { answersOf, FormDialog } from '@/ui'
import { MatchersInput } from './MatchersInput'
import { RepeatInput } from './RepeatInput'
import { repeatOf, ruleOf } from './recurrence'
import { Suppressed } from './Suppressed'
import { type Matcher, STALE, type Window } from './windows'
import { instantOf, wallOf, zones } from './zoned'

const words = text.maintenance
const HOUR = 3_600_000 // milliseconds
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone

/** A new window, or the changes of one. */
export function WindowForm({ window, onClose }: { window?: Window; onClose: () => void }) {
  const form = useForm({
    initialValues: startOf(window),
    validate: {
      title: (value) => !value.trim() && text.common.needed,
      starts: (value) => !value && text.common.needed,
      ends: (value, { starts }) => (!value && text.common.needed) || (value <= starts && words.endsBeforeStart),
    },
  })
  const answered = answersOf(STALE, onClose, ({ starts_at, ends_at, rule, ...wrong }) =>
    form.setErrors({ ...wrong, starts: starts_at, ends: ends_at, repeat: rule }),
  )
  const create = api.useMutation('post', '/maintenance-windows', answered)
  const update = api.useMutation('patch', '/maintenance-windows/{window_id}', answered)
  const send = form.onSubmit(({ title, matchers, starts, ends, timezone, repeat }) => {
    const body = {
      title,
      matchers,
      starts_at: instantOf(starts, timezone),
      ends_at: instantOf(ends, timezone),
      rule: ruleOf(repeat),
      timezone,
    }
    if (!window) return create.mutate({ body })
    update.mutate({ params: { path: { window_id: window.id }, header: ifMatch(window.version) }, body })
  })
  return (
    <FormDialog
      heading={window ? words.edit : words.add}
      submit={window ? text.common.save : words.plan}
      isPending={create.isPending || update.isPending}
      error={create.error ?? update.error}
      onSubmit={send}
      onClose={onClose}
      size="lg"
    >
      <TextInput
        label={words.title}
        placeholder={words.titlePlaceholder}
        maxLength={200}
        data-autofocus
        {...form.getInputProps('title')}
      />
      <MatchersInput
        matchers={form.values.matchers}
        errors={form.errors}
        onChange={(matchers) => form.setFieldValue('matchers', matchers)}
      />
      <Group grow align="flex-start">
        <TextInput type="datetime-local" label={words.starts} {...form.getInputProps('starts')} />
        <TextInput type="datetime-local" label={words.ends} {...form.getInputProps('ends')} />
      </Group>
      <Select
        label={words.timezone}
        description={words.timezoneHint}
        data={[...new Set([HERE, form.values.timezone, ...zones()])]}
        searchable
        limit={60}
        {...form.getInputProps('timezone')}
      />
      <RepeatInput
        repeat={form.values.repeat}
        error={form.errors.repeat}
        onChange={(repeat) => form.setFieldValue('repeat', repeat)}
      />
      <Suppressed matchers={form.values.matchers} />
    </FormDialog>
  )
}

/** What the form begins with: the window as it is, or the hour from now on. */
function startOf(window: Window | undefined) {
  if (window) {
    const { title, matchers, starts_at, ends_at, timezone, rule } = window
    return {
      title,
      matchers,
      starts: wallOf(starts_at, timezone),
      ends: wallOf(ends_at, timezone),
      timezone,
      repeat: repeatOf(rule),
    }
  }
  const now = Date.now()
  return {
    title: '',
    matchers: [{ label: 'service', operator: '=', value: '' }] as Matcher[],
    starts: wallOf(new Date(now).toISOString(), HERE),
    ends: wallOf(new Date(now + HOUR).toISOString(), HERE),
    timezone: HERE,
    repeat: repeatOf(''),
  }
}
