import { Button, Group } from '@mantine/core'
import { text } from '@/text'
import classes from '../incident.module.css'
import { MarkdownInput } from '../MarkdownInput'
import { ActionItems } from './ActionItems'
import type { Draft } from './Postmortem'

const words = text.incident.postmortem

type Written = Pick<Draft, 'body' | 'action_items'>

type Props = {
  shown: Written
  isChanged: boolean
  isSaving: boolean
  /** Whether somebody has to choose between two texts first. */
  isBlocked: boolean
  isNew: boolean
  onChange: (written: Written) => void
  onDiscard: () => void
  onSave: (written: Written) => void
}

/** Writes a postmortem. A suggestion may be saved as it is. */
export function PostmortemForm({ shown, isChanged, isSaving, isBlocked, isNew, onChange, onDiscard, onSave }: Props) {
  const written = { body: shown.body, action_items: shown.action_items }
  const items = written.action_items.filter(({ title }) => title.trim())
  return (
    <form
      className={classes.part}
      onSubmit={(event) => {
        event.preventDefault()
        onSave({ ...written, action_items: items })
      }}
    >
      <MarkdownInput
        label={words.body}
        value={written.body}
        minRows={16}
        onChange={(body) => onChange({ ...written, body })}
      />
      <ActionItems items={written.action_items} onChange={(action_items) => onChange({ ...written, action_items })} />
      <Group justify="flex-end" gap={8} className={classes.saveBar}>
        {isChanged && <span className={classes.dim}>{words.unsaved}</span>}
        {isChanged && (
          <Button variant="default" onClick={onDiscard}>
            {words.discard}
          </Button>
        )}
        <Button type="submit" loading={isSaving} disabled={isBlocked || !written.body.trim() || !(isChanged || isNew)}>
          {isNew ? words.saveDraft : words.save}
        </Button>
      </Group>
    </form>
  )
}
