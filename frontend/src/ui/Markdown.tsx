import { Typography } from '@mantine/core'
import { lazy, Suspense } from 'react'
import classes from './Markdown.module.css'

const Rendered = lazy(() => import('./MarkdownRendered'))

/** People's Markdown. What looks like HTML in it is shown as text, and links of odd schemes lead nowhere. */
export function Markdown({ source }: { source: string }) {
  return (
    <Typography fz="sm" className={classes.markdown}>
      <Suspense fallback={<p style={{ whiteSpace: 'pre-wrap' }}>{source}</p>}>
        <Rendered source={source} />
      </Suspense>
    </Typography>
  )
}
