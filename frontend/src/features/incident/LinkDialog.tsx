import { Radio, Stack } from '@mantine/core'
import { useState } from 'react'
import { api, type Model } from '@/api'
import { text } from '@/text'
import { FormDialog } from '@/ui'
import { IncidentPicker } from './IncidentPicker'
import { done, type Incident, paramsOf } from './incident'

const words = text.incident.link
const KINDS: readonly Model<'LinkIn'>['kind'][] = ['related', 'duplicate', 'caused_by']

/** Links the incident to another one. */
export function LinkDialog({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const [other, pick] = useState<string | null>(null)
  const [kind, choose] = useState<Model<'LinkIn'>['kind']>('related')
  const link = api.useMutation('post', '/incidents/{incident_id}/links', done(words.done, onClose))
  return (
    <FormDialog
      heading={words.heading(incident.reference)}
      submit={words.submit}
      isPending={link.isPending}
      isIncomplete={!other}
      error={link.error}
      onSubmit={(event) => {
        event.preventDefault()
        if (other) link.mutate({ ...paramsOf(incident.id), body: { other_id: other, kind } })
      }}
      onClose={onClose}
    >
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
    </FormDialog>
  )
}
