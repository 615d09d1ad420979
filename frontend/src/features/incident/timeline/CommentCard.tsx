import { Button, Group, Text } from '@mantine/core'
import { useState } from 'react'
import { api, ifMatch } from '@/api'
import { useMay, useMe } from '@/app/me'
import { text } from '@/text'
import { ConfirmButton, Markdown, TimeAgo } from '@/ui'
import { type Incident, lookAgain, refused } from '../incident'
import classes from '../incident.module.css'
import { MarkdownInput } from '../MarkdownInput'
import { isSend } from './CommentForm'
import type { Comment } from './entries'

const words = text.timeline.comment
const ONE = '/incidents/{incident_id}/comments/{comment_id}'

type CardProps = { comment: Comment; incident: Incident; nameOf: (id: string) => string | undefined }

/** A comment; its author may change it, and delete it as a moderator may. */
export function CommentCard({ comment, incident, nameOf }: CardProps) {
  const me = useMe()
  const mayWrite = useMay('incident:write')
  const moderates = useMay('comment:moderate')
  const [editing, edit] = useState(false)
  const isOwn = comment.author.id === me.id && comment.author.kind === me.kind
  const path = { incident_id: incident.id, comment_id: comment.id }
  const remove = api.useMutation('delete', ONE, { onSuccess: lookAgain, onError: refused })
  const isDeleted = comment.deleted_at !== null
  return (
    <article className={classes.comment} aria-label={words.label}>
      <header className={classes.commentHead}>
        <span>
          <strong>{nameOf(comment.author.id ?? '') ?? comment.author.name}</strong> {words.said}
        </span>
        <span className={classes.when}>
          {comment.edited_at && !isDeleted && `${words.edited} · `}
          <TimeAgo at={comment.created_at} />
        </span>
        {mayWrite && !isDeleted && !editing && (
          <Group gap={4} className={classes.commentActions}>
            {isOwn && (
              <Button variant="subtle" color="gray" size="compact-xs" onClick={() => edit(true)}>
                {words.edit}
              </Button>
            )}
            {(isOwn || moderates) && (
              <ConfirmButton
                variant="subtle"
                color="gray"
                size="compact-xs"
                sure={words.removeSure}
                loading={remove.isPending}
                onConfirm={() => remove.mutate({ params: { path } })}
              >
                {words.remove}
              </ConfirmButton>
            )}
          </Group>
        )}
      </header>
      {editing ? (
        <EditComment comment={comment} path={path} onClose={() => edit(false)} />
      ) : isDeleted ? (
        <Text size="sm" c="dimmed" fs="italic">
          {words.deleted}
        </Text>
      ) : (
        <Markdown source={comment.body} />
      )}
    </article>
  )
}

type EditProps = { comment: Comment; path: { incident_id: string; comment_id: string }; onClose: () => void }

function EditComment({ comment, path, onClose }: EditProps) {
  const [body, setBody] = useState(comment.body)
  const save = api.useMutation('patch', ONE, {
    onSuccess: () => {
      lookAgain()
      onClose()
    },
    onError: refused,
  })
  const send = () => {
    if (body.trim()) save.mutate({ params: { path, header: ifMatch(comment.version) }, body: { body } })
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <MarkdownInput
        label={words.change}
        hideLabel
        value={body}
        onChange={setBody}
        autoFocus
        onKeyDown={(event) => isSend(event) && send()}
      />
      <Group justify="flex-end" gap={8} mt={8}>
        <Button variant="default" size="xs" onClick={onClose}>
          {text.common.cancel}
        </Button>
        <Button type="submit" size="xs" loading={save.isPending} disabled={!body.trim()}>
          {text.common.save}
        </Button>
      </Group>
    </form>
  )
}
