import { Text } from '@mantine/core'
import { useState } from 'react'
import { api } from '@/api'
import { text } from '@/text'
import { FormDialog } from '@/ui'
import { IncidentPicker } from './IncidentPicker'
import { done, type Incident, paramsOf } from './incident'

const words = text.incident.merge

/** Makes the incident part of another one. */
export function MergeDialog({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const [target, pick] = useState<string | null>(null)
  const merge = api.useMutation('post', '/incidents/{incident_id}/merge', done(words.done, onClose))
  return (
    <FormDialog
      heading={words.heading(incident.reference)}
      submit={words.submit}
      isPending={merge.isPending}
      isIncomplete={!target}
      error={merge.error}
      onSubmit={(event) => {
        event.preventDefault()
        if (target) merge.mutate({ ...paramsOf(target), body: { sources: [incident.id] } })
      }}
      onClose={onClose}
    >
      <Text size="sm" c="dimmed">
        {words.about}
      </Text>
      <IncidentPicker except={incident.id} value={target} onChange={pick} />
    </FormDialog>
  )
}
