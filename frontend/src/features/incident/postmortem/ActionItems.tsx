import { ActionIcon, Button, Checkbox, Text, TextInput, Title } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import type { Model } from '@/api'
import { text } from '@/text'
import classes from '../incident.module.css'

const words = text.incident.postmortem
const MOST = 100

type Item = Model<'ActionItem'>
type Props = { items: readonly Item[]; onChange: (items: Item[]) => void }

/** What is to be done, by whom and by when. */
export function ActionItems({ items, onChange }: Props) {
  const set = (at: number, said: Partial<Item>) =>
    onChange(items.map((item, index) => (index === at ? { ...item, ...said } : item)))
  return (
    <div className={classes.actionItems}>
      <Title order={3}>{words.actions}</Title>
      {items.length === 0 && (
        <Text size="sm" c="dimmed">
          {words.actionsEmpty}
        </Text>
      )}
      {items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: items have no other identity, and every value comes from outside
        <fieldset key={index} className={classes.actionItem} aria-label={words.action(index + 1)}>
          <Checkbox
            aria-label={words.done}
            checked={item.done ?? false}
            onChange={(event) => set(index, { done: event.currentTarget.checked })}
          />
          <TextInput
            aria-label={words.what}
            placeholder={words.what}
            maxLength={500}
            value={item.title}
            onChange={(event) => set(index, { title: event.currentTarget.value })}
          />
          <TextInput
            aria-label={words.owner}
            placeholder={words.owner}
            maxLength={200}
            value={item.owner ?? ''}
            onChange={(event) => set(index, { owner: event.currentTarget.value })}
          />
          <TextInput
            aria-label={words.due}
            type="date"
            value={item.due ?? ''}
            onChange={(event) => set(index, { due: event.currentTarget.value || null })}
          />
          <ActionIcon
            aria-label={words.removeAction(index + 1)}
            onClick={() => onChange(items.filter((_, at) => at !== index))}
          >
            <IconX size={14} />
          </ActionIcon>
        </fieldset>
      ))}
      <Button
        variant="subtle"
        color="gray"
        size="xs"
        leftSection={<IconPlus size={13} />}
        disabled={items.length >= MOST}
        onClick={() => onChange([...items, { title: '', owner: '', due: null, done: false }])}
      >
        {words.addAction}
      </Button>
    </div>
  )
}
