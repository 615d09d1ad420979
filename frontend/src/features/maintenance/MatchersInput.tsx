import { ActionIcon, Button, Group, Input, Select, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { text } from '@/text'
import type { Matcher } from './windows'

const words = text.maintenance
const OPERATORS: Matcher['operator'][] = ['=', '!=', '=~', '!~']
const MOST = 20

type Props = {
  matchers: Matcher[]
  /** By field, such as `matchers.0.value`. */
  errors: Record<string, ReactNode>
  onChange: (matchers: Matcher[]) => void
}

/** Which alerts a window is for: those whose labels match all of it. */
export function MatchersInput({ matchers, errors, onChange }: Props) {
  const set = (at: number, changed: Partial<Matcher>) =>
    onChange(matchers.map((one, place) => (place === at ? { ...one, ...changed } : one)))
  return (
    <Input.Wrapper label={words.matchers} description={words.matchersHint} error={errors.matchers} labelElement="div">
      {matchers.map(({ label, operator, value }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a matcher has nothing of its own but its place
        <Group key={at} gap={8} mt={8} wrap="nowrap" align="flex-start">
          <TextInput
            flex={1}
            aria-label={words.label(at + 1)}
            placeholder="service"
            maxLength={128}
            value={label}
            error={errors[`matchers.${at}.label`]}
            onChange={(event) => set(at, { label: event.currentTarget.value })}
          />
          <Select
            w={74}
            aria-label={words.operator(at + 1)}
            data={OPERATORS}
            value={operator}
            onChange={(chosen) => chosen && set(at, { operator: chosen as Matcher['operator'] })}
          />
          <TextInput
            flex={2}
            aria-label={words.value(at + 1)}
            placeholder="checkout"
            maxLength={1024}
            value={value}
            error={errors[`matchers.${at}.value`]}
            onChange={(event) => set(at, { value: event.currentTarget.value })}
          />
          <ActionIcon
            size={34}
            aria-label={words.removeMatcher(at + 1)}
            disabled={matchers.length === 1}
            onClick={() => onChange(matchers.filter((_, place) => place !== at))}
          >
            <IconTrash size={15} />
          </ActionIcon>
        </Group>
      ))}
      {matchers.length < MOST && (
        <Button
          mt={8}
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange([...matchers, { label: '', operator: '=', value: '' }])}
        >
          {words.addMatcher}
        </Button>
      )}
    </Input.Wrapper>
  )
}
