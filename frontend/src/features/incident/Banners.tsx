import { Alert, Anchor, Button, Group } from '@mantine/core'
import { IconArchive, IconGitMerge } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { api } from '@/api'
import { useMay } from '@/app/me'
import { text } from '@/text'
import { ConfirmButton, notifyDone } from '@/ui'
import { type Incident, refused, took, useIncident, versioned } from './incident'

const words = text.incident

/** That the incident was put away, and the way back. */
export function Banners({ incident }: { incident: Incident }) {
  return (
    <>
      {incident.merged_into && <Merged incident={incident} target={incident.merged_into} />}
      {incident.archived_at && <Archived incident={incident} />}
    </>
  )
}

function Merged({ incident, target }: { incident: Incident; target: string }) {
  const mayWrite = useMay('incident:write')
  const reference = useIncident(target).data?.reference ?? words.merged.another
  const undo = api.useMutation('post', '/incidents/{incident_id}/unmerge', {
    onSuccess: (unmerged) => {
      took(unmerged)
      notifyDone(words.merged.undone)
    },
    onError: refused,
  })
  return (
    <Alert variant="light" color="iris" mt={12} icon={<IconGitMerge size={16} />} title={words.merged.into(reference)}>
      <Group justify="space-between" gap={8}>
        <span>
          {words.merged.about}{' '}
          <Anchor size="sm" renderRoot={(props) => <Link to="/incidents/$id" params={{ id: target }} {...props} />}>
            {reference}
          </Anchor>
        </span>
        {mayWrite && !incident.archived_at && (
          <ConfirmButton
            size="xs"
            sure={words.merged.undoSure}
            loading={undo.isPending}
            onConfirm={() => undo.mutate(versioned(incident))}
          >
            {words.merged.undo}
          </ConfirmButton>
        )}
      </Group>
    </Alert>
  )
}

function Archived({ incident }: { incident: Incident }) {
  const mayWrite = useMay('incident:write')
  const restore = api.useMutation('post', '/incidents/{incident_id}/restore', {
    onSuccess: (restored) => {
      took(restored)
      notifyDone(words.archived.done)
    },
    onError: refused,
  })
  return (
    <Alert variant="light" color="gray" mt={12} icon={<IconArchive size={16} />} title={words.archived.title}>
      <Group justify="space-between" gap={8}>
        {words.archived.about}
        {mayWrite && (
          <Button
            variant="default"
            size="xs"
            loading={restore.isPending}
            onClick={() => restore.mutate(versioned(incident))}
          >
            {words.archived.restore}
          </Button>
        )}
      </Group>
    </Alert>
  )
}
