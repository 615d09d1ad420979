import { Button, Group, Text } from '@mantine/core'
import type { KeyboardEvent } from 'react'
import { api } from '@/api'
import { text } from '@/text'
import { type Incident, lookAgain, paramsOf, refused } from '../incident'
import classes from '../incident.module.css'
import { MarkdownInput } from '../MarkdownInput'
import { useDraft } from '../useDraft'

const words = text.timeline.comment

/** Says something about the incident. What is typed stays until it is sent. */
export function CommentForm({ incident }: { incident: Incident }) {
  const { draft, setDraft, settle } = useDraft<string>('comment', incident.id)
  const body = draft ?? ''
  const add = api.useMutation('post', '/incidents/{incident_id}/comments', {
    onSuccess: (_, { body: sent }) => {
      settle(sent.body)
      lookAgain()
    },
    onError: refused,
  })
  const send = () => {
    if (body.trim() && !add.isPending) add.mutate({ ...paramsOf(incident.id), body: { body } })
  }
  return (
    <form
      className={classes.commentForm}
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <MarkdownInput
        label={words.add}
        placeholder={words.placeholder}
        name="comment"
        value={body}
        onChange={setDraft}
        minRows={2}
        onKeyDown={(event) => isSend(event) && send()}
      />
      <Group justify="flex-end" gap={12} mt={8}>
        <Text size="xs" c="dimmed" visibleFrom="sm">
          {words.hint}
        </Text>
        <Button type="submit" size="xs" loading={add.isPending} disabled={!body.trim()}>
          {words.submit}
        </Button>
      </Group>
    </form>
  )
}

/** Whether a key means that what is written is to be sent. */
export const isSend = (event: KeyboardEvent) => event.key === 'Enter' && (event.ctrlKey || event.metaKey)
