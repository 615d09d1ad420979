import { Button, Group, Modal, Radio, Stack } from '@mantine/core'
import { useState } from 'react'
import { api, type Model } from '@/api'
import { text } from '@/text'
import { notifyDone } from '@/ui'
import { IncidentPicker } from './IncidentPicker'
import { type Incident, lookAgain, paramsOf, refused } from './incident'

const words = text.incident.link
const KINDS: readonly Model<'LinkIn'>['kind'][] = ['related', 'duplicate', 'caused_by']

type Props = { incident: Incident; opened: boolean; onClose: () => void }

/** Links the incident to another one. */
export function LinkDialog({ incident, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={words.heading(incident.reference)}>
      <LinkForm incident={incident} onClose={onClose} />
    </Modal>
  )
}

function LinkForm({ incident, onClose }: Omit<Props, 'opened'>) {
  const [other, pick] = useState<string | null>(null)
  const [kind, choose] = useState<Model<'LinkIn'>['kind']>('related')
  const link = api.useMutation('post', '/incidents/{incident_id}/links', {
    onSuccess: () => {
      lookAgain()
      notifyDone(words.done)
      onClose()
    },
    onError: refused,
  })
  return (
    <Stack gap={16}>
      <IncidentPicker except={incident.id} value={other} onChange={pick} />
      <Radio.Group
        label={words.kind}
        value={kind}
        onChange={(value) => choose(KINDS.find((one) => one === value) ?? kind)}
      >
        <Stack gap={8} mt={6}>
          {KINDS.map((one) => (
            <Radio key={one} value={one} label={words.kinds[one]} />
          ))}
        </Stack>
      </Radio.Group>
      <Group justify="flex-end" gap={8}>
        <Button variant="default" onClick={onClose}>
          {text.common.cancel}
        </Button>
        <Button
          disabled={!other}
          loading={link.isPending}
          onClick={() => other && link.mutate({ ...paramsOf(incident.id), body: { other_id: other, kind } })}
        >
          {words.submit}
        </Button>
      </Group>
    </Stack>
  )
}
