import { Chip, Group, Input, NumberInput, Select, Stack, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { text } from '@/text'
import { DAYS, type Repeat } from './recurrence'

const words = text.maintenance.repeat
const EVERY = ['never', 'day', 'week', 'month', 'other'] as const
const ENDS = ['never', 'count', 'until'] as const

type Props = { repeat: Repeat; error: ReactNode; onChange: (repeat: Repeat) => void }

/** How a window comes again. */
export function RepeatInput({ repeat, error, onChange }: Props) {
  const set = (changed: Partial<Repeat>) => onChange({ ...repeat, ...changed })
  const ends = repeat.count !== null ? 'count' : repeat.until ? 'until' : 'never'
  const isKnown = repeat.every !== 'never' && repeat.every !== 'other'
  return (
    <Stack gap={10}>
      <Group gap={8} align="flex-end" wrap="nowrap">
        <Select
          flex={1}
          label={words.label}
          error={repeat.every === 'other' ? null : error}
          data={EVERY.map((value) => ({ value, label: words.every[value] }))}
          value={repeat.every}
          onChange={(every) => every && set({ every: every as Repeat['every'] })}
        />
        {isKnown && (
          <NumberInput
            w={130}
            label={words.interval}
            min={1}
            max={repeat.every === 'month' ? 12 : 99}
            allowDecimal={false}
            value={repeat.interval}
            onChange={(interval) => set({ interval: Number(interval) || 1 })}
          />
        )}
      </Group>
      {repeat.every === 'week' && (
        <Input.Wrapper label={words.days} labelElement="div">
          <Chip.Group
            multiple
            value={repeat.days}
            onChange={(days) => set({ days: DAYS.filter((day) => days.includes(day)) })}
          >
            <Group gap={6} mt={4}>
              {DAYS.map((day) => (
                <Chip key={day} value={day} size="xs">
                  {words.day[day]}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
        </Input.Wrapper>
      )}
      {repeat.every === 'other' && (
        <TextInput
          label={words.rule}
          description={words.ruleHint}
          placeholder="FREQ=MONTHLY;BYDAY=2TU"
          maxLength={300}
          error={error}
          value={repeat.rule}
          onChange={(event) => set({ rule: event.currentTarget.value })}
        />
      )}
      {isKnown && (
        <Group gap={8} align="flex-end" wrap="nowrap">
          <Select
            flex={1}
            label={words.ends}
            data={ENDS.map((value) => ({ value, label: words.ending[value] }))}
            value={ends}
            onChange={(chosen) =>
              set({
                count: chosen === 'count' ? 5 : null,
                until: chosen === 'until' ? new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10) : '',
              })
            }
          />
          {ends === 'count' && (
            <NumberInput
              w={130}
              label={words.times}
              min={1}
              max={9999}
              allowDecimal={false}
              value={repeat.count ?? 1}
              onChange={(count) => set({ count: Number(count) || 1 })}
            />
          )}
          {ends === 'until' && (
            <TextInput
              type="date"
              label={words.lastDay}
              value={repeat.until}
              onChange={(event) => set({ until: event.currentTarget.value })}
            />
          )}
        </Group>
      )}
    </Stack>
  )
}
