import { Group, Text, Title } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import classes from './Panel.module.css'

type Props = {
  heading: string
  about?: string
  /** Buttons at the end of its header. */
  actions?: ReactNode
  /** Without padding, as for tables. */
  isFlush?: boolean
  children: ReactNode
}

/** A part of a page, in a box of its own. */
export function Panel({ heading, about, actions, isFlush = false, children }: Props) {
  const id = useId()
  return (
    <section className={classes.panel} aria-labelledby={id}>
      <div className={classes.header}>
        <div>
          <Title order={2} id={id}>
            {heading}
          </Title>
          {about && (
            <Text size="sm" c="dimmed">
              {about}
            </Text>
          )}
        </div>
        {actions && <Group gap={8}>{actions}</Group>}
      </div>
      <div className={classes.body} data-flush={isFlush}>
        {children}
      </div>
    </section>
  )
}
