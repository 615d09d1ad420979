import { ActionIcon, Button, Group, NumberInput, Select, Switch, TagsInput, Text, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { text } from '@/text'
import { type Severity, SeverityBadge } from '@/ui'
import { inUnit, type Policy, thresholdOf, type Unit, type Values } from './policies'

const words = text.policies

type InputProps = {
  values: Values
  label: string
  disabled: boolean
  error: ReactNode
  onChange: (changed: Partial<Values>) => void
}

/** How each policy is changed. */
export const INPUTS: Record<Policy, (props: InputProps) => ReactNode> = {
  auto_resolve: ({ values, label, onChange, ...input }) => (
    <Select
      aria-label={label}
      data={optionsOf(words.autoResolve)}
      value={values.auto_resolve}
      onChange={(chosen) => chosen && onChange({ auto_resolve: chosen as Values['auto_resolve'] })}
      {...input}
    />
  ),
  quiet_period: ({ values, onChange, ...input }) => (
    <DurationInput seconds={values.quiet_period} onChange={(quiet_period) => onChange({ quiet_period })} {...input} />
  ),
  reopen_window: ({ values, onChange, ...input }) => (
    <DurationInput
      seconds={values.reopen_window}
      onChange={(reopen_window) => onChange({ reopen_window })}
      {...input}
    />
  ),
  related: ({ values, label, onChange, ...input }) => (
    <Select
      aria-label={label}
      data={optionsOf(words.related)}
      value={values.related}
      onChange={(chosen) => chosen && onChange({ related: chosen as Values['related'] })}
      {...input}
    />
  ),
  threshold: Threshold,
  grouping: Grouping,
  auto_analyse: ({ values, label, onChange, disabled, error }) => (
    <Switch
      aria-label={label}
      label={values.auto_analyse ? words.yes : words.no}
      checked={values.auto_analyse}
      disabled={disabled}
      error={error}
      onChange={(event) => onChange({ auto_analyse: event.currentTarget.checked })}
    />
  ),
  severity_map: SeverityMap,
  severity_labels: ({ values, label, onChange, ...input }) => (
    <TagsInput
      aria-label={label}
      maxTags={16}
      value={values.severity_labels}
      onChange={(severity_labels) => onChange({ severity_labels })}
      {...input}
    />
  ),
  service_labels: ({ values, label, onChange, ...input }) => (
    <TagsInput
      aria-label={label}
      maxTags={16}
      value={values.service_labels}
      onChange={(service_labels) => onChange({ service_labels })}
      {...input}
    />
  ),
}

const optionsOf = (named: Record<string, string>) => Object.entries(named).map(([value, label]) => ({ value, label }))

type DurationProps = {
  seconds: number
  label: string
  disabled: boolean
  error: ReactNode
  least?: number
  onChange: (seconds: number) => void
}

const UNITS: Unit[] = [1, 60, 3_600, 86_400]

function DurationInput({ seconds, label, disabled, error, least = 0, onChange }: DurationProps) {
  const [unit, choose] = useState<Unit>(() => inUnit(seconds).unit)
  // A reset, or others, may have made it what is no whole number of these.
  if (seconds % unit !== 0) choose(inUnit(seconds).unit)
  return (
    <Group gap={8} wrap="nowrap" align="flex-start">
      <NumberInput
        flex={1}
        aria-label={label}
        min={least}
        allowDecimal={false}
        value={seconds / unit}
        disabled={disabled}
        error={error}
        onChange={(count) => typeof count === 'number' && onChange(Math.round(count * unit))}
      />
      <Select
        w={116}
        aria-label={words.unitOf(label)}
        data={UNITS.map((one) => ({ value: String(one), label: words.units[one] }))}
        value={String(unit)}
        disabled={disabled}
        onChange={(value) => {
          const next = UNITS.find((one) => String(one) === value) ?? unit
          choose(next)
          onChange(Math.round((seconds / unit) * next))
        }}
      />
    </Group>
  )
}

function Threshold({ values, label, disabled, error, onChange }: InputProps) {
  const threshold = thresholdOf(values)
  return (
    <Group gap={8} align="flex-start" wrap="wrap">
      <NumberInput
        w={100}
        aria-label={words.thresholdCount}
        min={1}
        max={1000}
        allowDecimal={false}
        value={threshold.count}
        disabled={disabled}
        error={error}
        onChange={(count) => typeof count === 'number' && onChange({ threshold: { ...threshold, count } })}
      />
      <Text size="sm" pt={7}>
        {words.within}
      </Text>
      <DurationInput
        seconds={threshold.window}
        label={label}
        disabled={disabled}
        error={null}
        least={1}
        onChange={(window) => onChange({ threshold: { ...threshold, window } })}
      />
    </Group>
  )
}

function Grouping({ values, label, disabled, error, onChange }: InputProps) {
  const { grouping } = values
  return (
    <>
      <Select
        aria-label={label}
        data={optionsOf(words.by)}
        value={grouping.by}
        disabled={disabled}
        error={grouping.by === 'labels' ? null : error}
        onChange={(by) =>
          by &&
          onChange({ grouping: { by: by as Values['grouping']['by'], labels: by === 'labels' ? ['alertname'] : [] } })
        }
      />
      {grouping.by === 'labels' && (
        <TagsInput
          mt={8}
          aria-label={words.groupingLabels}
          maxTags={16}
          value={grouping.labels ?? []}
          disabled={disabled}
          error={error}
          onChange={(labels) => onChange({ grouping: { by: 'labels', labels } })}
        />
      )}
    </>
  )
}

const SEVERITIES: Severity[] = ['critical', 'high', 'medium', 'low', 'info']

function SeverityMap({ values, disabled, error, onChange }: InputProps) {
  const [word, setWord] = useState('')
  const entries = Object.entries(values.severity_map)
  const given = word.trim().toLowerCase()
  const add = () => {
    if (!given) return
    onChange({ severity_map: { ...values.severity_map, [given]: 'medium' } })
    setWord('')
  }
  return (
    <>
      {entries.map(([said, severity]) => (
        <Group key={said} gap={8} mb={8} wrap="nowrap">
          <Text size="sm" ff="monospace" flex={1}>
            {said}
          </Text>
          <Select
            w={150}
            aria-label={words.severityOf(said)}
            leftSection={<SeverityBadge severity={severity} compact />}
            data={SEVERITIES.map((value) => ({ value, label: text.common.severity[value] }))}
            value={severity}
            disabled={disabled}
            onChange={(chosen) =>
              chosen && onChange({ severity_map: { ...values.severity_map, [said]: chosen as Severity } })
            }
          />
          <ActionIcon
            aria-label={words.removeWord(said)}
            disabled={disabled}
            onClick={() => onChange({ severity_map: Object.fromEntries(entries.filter(([one]) => one !== said)) })}
          >
            <IconTrash size={15} />
          </ActionIcon>
        </Group>
      ))}
      <Group gap={8} wrap="nowrap" align="flex-start">
        <TextInput
          flex={1}
          aria-label={words.word}
          placeholder="blocker"
          value={word}
          disabled={disabled}
          error={error}
          onChange={(event) => setWord(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') add()
          }}
        />
        <Button variant="default" disabled={disabled || !given} leftSection={<IconPlus size={14} />} onClick={add}>
          {text.common.add}
        </Button>
      </Group>
    </>
  )
}
