import { SegmentedControl, Text, Textarea } from '@mantine/core'
import { type KeyboardEventHandler, type ReactNode, useId, useState } from 'react'
import { text } from '@/text'
import { Markdown } from '@/ui'
import classes from './incident.module.css'

const words = text.incident.markdown

type Props = {
  label: string
  value?: string
  onChange?: (value: string) => void
  placeholder?: string
  name?: string
  error?: ReactNode
  minRows?: number
  /** Takes the place of the label's own line where there is one already. */
  hideLabel?: boolean
  onKeyDown?: KeyboardEventHandler
  autoFocus?: boolean
}

/** Markdown to write, and how it will look. */
export function MarkdownInput({ label, value = '', onChange = () => {}, minRows = 4, hideLabel, ...input }: Props) {
  const [mode, setMode] = useState('write')
  const id = useId()
  return (
    <div className={classes.markdown}>
      <div className={classes.markdownBar}>
        <label htmlFor={id} className={hideLabel ? 'visually-hidden' : classes.markdownLabel}>
          {label}
        </label>
        <SegmentedControl
          size="xs"
          aria-label={words.mode}
          value={mode}
          onChange={setMode}
          data={[
            { value: 'write', label: words.write },
            { value: 'preview', label: words.preview },
          ]}
        />
      </div>
      {mode === 'write' ? (
        <Textarea
          id={id}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
          minRows={minRows}
          maxRows={28}
          {...input}
        />
      ) : (
        <div className={classes.preview}>
          {value.trim() ? <Markdown source={value} /> : <Text c="dimmed">{words.nothing}</Text>}
        </div>
      )}
    </div>
  )
}
