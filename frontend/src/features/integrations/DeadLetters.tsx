import { api, byCursor } from '@/api'
import { text } from '@/text'
import { DataTable, LoadMore, Panel, TimeAgo } from '@/ui'
import classes from './integrations.module.css'

const words = text.integrations.letters

/** What came and could not be processed; nothing where there is none. */
export function DeadLetters() {
  const log = api.useInfiniteQuery('get', '/dead-letters', { params: { query: { limit: 20 } } }, byCursor)
  const letters = log.data?.pages.flatMap(({ items }) => items) ?? []
  if (letters.length === 0) return null
  return (
    <Panel heading={words.heading} about={words.about} isFlush>
      <DataTable label={words.heading} columns={COLUMNS}>
        {letters.map(({ id, at, source, reason, excerpt }) => (
          <tr key={id}>
            <td>
              <TimeAgo at={at} />
            </td>
            <td>{source}</td>
            <td>
              <details>
                <summary>{reason}</summary>
                <code className={classes.letter}>{excerpt}</code>
              </details>
            </td>
          </tr>
        ))}
      </DataTable>
      <LoadMore pages={log} />
    </Panel>
  )
}

const COLUMNS = [{ label: words.at }, { label: words.source }, { label: words.reason }]
