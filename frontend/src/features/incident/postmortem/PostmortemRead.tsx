import { Title } from '@mantine/core'
import type { Model } from '@/api'
import { text } from '@/text'
import { Markdown } from '@/ui'
import classes from '../incident.module.css'

const words = text.incident.postmortem

type Props = { shown: Pick<Model<'PublishedOut'>, 'body' | 'action_items'> }

/** A postmortem for who may not write it. */
export function PostmortemRead({ shown }: Props) {
  return (
    <div className={classes.preview}>
      <Markdown source={shown.body} />
      {shown.action_items.length > 0 && (
        <>
          <Title order={3}>{words.actions}</Title>
          <ul>
            {shown.action_items.map(({ title, owner, due, done }) => (
              <li key={`${title} ${owner} ${due}`}>
                {[done ? words.done : '', title, owner, due].filter(Boolean).join(' · ')}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}
