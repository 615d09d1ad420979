import { Button } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { text } from '@/text'
import classes from './Snippet.module.css'

type Props = {
  code: string
  /** What it is, for the button's name: "Copy the token". */
  label: string
  /** Breaks long lines, which otherwise scroll. */
  wraps?: boolean
}

/** Something to copy, whole. */
export function Snippet({ code, label, wraps = false }: Props) {
  const { copied, copy } = useClipboard({ timeout: 2_000 })
  return (
    <div className={classes.snippet} data-wraps={wraps}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <pre className={classes.code} tabIndex={0}>
        {code}
      </pre>
      <Button
        className={classes.copy}
        size="compact-xs"
        variant="default"
        leftSection={copied ? <IconCheck size={12} /> : <IconCopy size={12} />}
        aria-label={label}
        onClick={() => copy(code)}
      >
        <span aria-live="polite">{copied ? text.common.copied : text.common.copy}</span>
      </Button>
    </div>
  )
}
