import { ActionIcon, Button, Fieldset, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { text } from '@/text'
import { type LabelRow, withOneMore } from './labels'

const words = text.incident.edit

type Props = { value?: LabelRow[]; onChange?: (rows: LabelRow[]) => void; error?: ReactNode }

/** Names and values, a row for each. */
export function LabelsInput({ value = [], onChange = () => {}, error }: Props) {
  const set = (key: number, said: Partial<LabelRow>) =>
    onChange(value.map((row) => (row.key === key ? { ...row, ...said } : row)))
  return (
    <Fieldset legend={words.labels} variant="unstyled">
      <Stack gap={6} mt={4}>
        {value.map(({ key, name, value: said }, index) => (
          <Group key={key} gap={6} wrap="nowrap">
            <TextInput
              flex={1}
              size="xs"
              aria-label={`${words.labelAt(index + 1)}: ${words.labelName}`}
              placeholder={words.labelName}
              maxLength={128}
              value={name}
              onChange={(event) => set(key, { name: event.currentTarget.value })}
            />
            <TextInput
              flex={2}
              size="xs"
              aria-label={`${words.labelAt(index + 1)}: ${words.labelValue}`}
              placeholder={words.labelValue}
              maxLength={1_024}
              value={said}
              onChange={(event) => set(key, { value: event.currentTarget.value })}
            />
            <ActionIcon
              aria-label={words.removeLabel(name)}
              onClick={() => onChange(value.filter((row) => row.key !== key))}
            >
              <IconX size={14} />
            </ActionIcon>
          </Group>
        ))}
        {error && (
          <Text size="xs" c="var(--critical)">
            {error}
          </Text>
        )}
        <Button
          variant="subtle"
          color="gray"
          size="xs"
          leftSection={<IconPlus size={13} />}
          onClick={() => onChange(withOneMore(value))}
          style={{ alignSelf: 'flex-start' }}
          disabled={value.length >= 64}
        >
          {words.addLabel}
        </Button>
      </Stack>
    </Fieldset>
  )
}
