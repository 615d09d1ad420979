import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { api } from '@/api'
import { text } from '@/text'
import { notifyDone } from '@/ui'
import { IncidentPicker } from './IncidentPicker'
import { type Incident, lookAgain, paramsOf, refused } from './incident'

const words = text.incident.merge

type Props = { incident: Incident; opened: boolean; onClose: () => void }

/** Makes the incident part of another one. */
export function MergeDialog({ incident, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={words.heading(incident.reference)}>
      <MergeForm incident={incident} onClose={onClose} />
    </Modal>
  )
}

function MergeForm({ incident, onClose }: Omit<Props, 'opened'>) {
  const [target, pick] = useState<string | null>(null)
  const merge = api.useMutation('post', '/incidents/{incident_id}/merge', {
    onSuccess: () => {
      lookAgain()
      notifyDone(words.done)
      onClose()
    },
    onError: refused,
  })
  return (
    <Stack gap={16}>
      <Text size="sm" c="dimmed">
        {words.about}
      </Text>
      <IncidentPicker except={incident.id} value={target} onChange={pick} />
      <Group justify="flex-end" gap={8}>
        <Button variant="default" onClick={onClose}>
          {text.common.cancel}
        </Button>
        <Button
          disabled={!target}
          loading={merge.isPending}
          onClick={() => target && merge.mutate({ ...paramsOf(target), body: { sources: [incident.id] } })}
        >
          {words.submit}
        </Button>
      </Group>
    </Stack>
  )
}
