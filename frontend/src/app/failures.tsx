import { Button } from '@mantine/core'
import { IconMap2 } from '@tabler/icons-react'
import { type ErrorComponentProps, Link } from '@tanstack/react-router'
import { ApiError } from '@/api'
import { text } from '@/text'
import { EmptyState, ErrorState } from '@/ui'

/** A page that failed while it was made, or whose first question to the API did. */
export function Crashed({ error, reset }: ErrorComponentProps) {
  if (error instanceof ApiError) return <ErrorState error={error} onRetry={reset} />
  return (
    <EmptyState {...text.shell.crashed} order={1}>
      <Button variant="default" onClick={() => window.location.reload()}>
        {text.shell.reload}
      </Button>
    </EmptyState>
  )
}

/** An address that leads to no page. */
export function NotFound() {
  return (
    <EmptyState {...text.shell.notFound} order={1} icon={<IconMap2 size={22} stroke={1.6} />}>
      <Button component={Link} to="/" variant="default">
        {text.shell.home}
      </Button>
    </EmptyState>
  )
}
