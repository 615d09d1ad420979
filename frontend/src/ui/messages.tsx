import { Button, Text, Title } from '@mantine/core'
import { IconAlertTriangle, IconInbox } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { wordsOf } from '@/api'
import { text } from '@/text'
import classes from './messages.module.css'

type Said = { title: string; advice: string }

type Empty = Said & {
  icon?: ReactNode
  /** Of the heading: 1 where nothing else is on the page. */
  order?: 1 | 2
  children?: ReactNode
}

/** Where nothing is: why, what to do next, and a button or link that does it as `children`. */
export function EmptyState({ title, advice, icon, order = 2, children }: Empty) {
  return (
    <div className={classes.message} role="status">
      <span className={classes.icon} aria-hidden="true">
        {icon ?? <IconInbox size={22} stroke={1.6} />}
      </span>
      <Title order={order}>{title}</Title>
      <Text c="dimmed" size="sm" maw={420}>
        {advice}
      </Text>
      {children}
    </div>
  )
}

/** An error in human words, with the id that operators find it by. `onRetry` is what "Try again" does. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { title, advice, requestId } = wordsOf(error)
  return (
    <div className={classes.message} role="alert">
      <span className={classes.icon} data-kind="error" aria-hidden="true">
        <IconAlertTriangle size={22} stroke={1.6} />
      </span>
      <Title order={2}>{title}</Title>
      <Text c="dimmed" size="sm" maw={420} className={classes.advice}>
        {advice}
      </Text>
      {onRetry && (
        <Button variant="default" onClick={onRetry}>
          {text.common.retry}
        </Button>
      )}
      {requestId && (
        <Text c="dimmed" size="xs" ff="monospace">
          {text.common.requestId(requestId)}
        </Text>
      )}
    </div>
  )
}
