import { Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './Section.module.css'

type Props = {
  heading: string
  about?: string | undefined
  /** Buttons beside the heading. */
  actions?: ReactNode
  children: ReactNode
}

/** A part of a page: what it is about on the left, the thing itself on the right; above each other where it is narrow. */
export function Section({ heading, about, actions, children }: Props) {
  return (
    <section className={classes.section}>
      <div>
        <Title order={2}>{heading}</Title>
        {about && (
          <Text c="dimmed" size="sm" mt={4}>
            {about}
          </Text>
        )}
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
      <div className={classes.content}>{children}</div>
    </section>
  )
}
