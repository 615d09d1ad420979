import { Text, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import { text } from '@/text'
import classes from './Page.module.css'

type Props = {
  /** Also the window's title. */
  heading: string
  about?: string
  /** Beside the heading, such as the views of a list. */
  beside?: ReactNode
  /** Buttons at the end of the header. */
  actions?: ReactNode
  /** Without a limit to its width and without padding, as for tables. */
  wide?: boolean
  children: ReactNode
}

/** The frame of a page: header, actions, content. */
export function Page({ heading, about, beside, actions, wide = false, children }: Props) {
  useWindowTitle(heading)
  return (
    <div className={classes.page} data-wide={wide}>
      <header className={classes.header}>
        <div>
          <Title order={1}>{heading}</Title>
          {about && (
            <Text c="dimmed" size="sm">
              {about}
            </Text>
          )}
        </div>
        {beside}
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      <div className={classes.content}>{children}</div>
    </div>
  )
}

/** Names the window, and so the tab and the history, after what it shows. */
export function useWindowTitle(heading: string): void {
  useEffect(() => {
    document.title = `${heading} · ${text.shell.product}`
  }, [heading])
}
