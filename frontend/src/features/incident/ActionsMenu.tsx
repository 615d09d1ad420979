import { ActionIcon, Menu } from '@mantine/core'
import { useClipboard, useDisclosure } from '@mantine/hooks'
import { IconArchive, IconCopy, IconDots, IconGitMerge, IconLink, IconPencil } from '@tabler/icons-react'
import { api } from '@/api'
import { useMay } from '@/app/me'
import { text } from '@/text'
import { notifyDone } from '@/ui'
import { type Incident, lookAgain, refused, versioned } from './incident'
import { LinkDialog } from './LinkDialog'
import { MergeDialog } from './MergeDialog'

const words = text.incident.actions

/** What is done now and then. */
export function ActionsMenu({ incident, onEdit }: { incident: Incident; onEdit: () => void }) {
  const mayWrite = useMay('incident:write')
  const isInUse = incident.archived_at === null && incident.merged_into === null
  const [linking, link] = useDisclosure(false)
  const [merging, merge] = useDisclosure(false)
  const clipboard = useClipboard()
  const archive = api.useMutation('delete', '/incidents/{incident_id}', {
    onSuccess: () => {
      lookAgain()
      notifyDone(words.archived)
    },
    onError: refused,
  })
  const copy = () => {
    clipboard.copy(`${window.location.origin}/incidents/${incident.reference}`)
    notifyDone(text.common.copied)
  }
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label={words.label}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconCopy size={15} />} onClick={copy}>
            {words.copyLink}
          </Menu.Item>
          {mayWrite && isInUse && (
            <>
              <Menu.Item leftSection={<IconPencil size={15} />} onClick={onEdit}>
                {words.edit}
              </Menu.Item>
              <Menu.Item leftSection={<IconLink size={15} />} onClick={link.open}>
                {words.link}
              </Menu.Item>
              <Menu.Item leftSection={<IconGitMerge size={15} />} onClick={merge.open}>
                {words.merge}
              </Menu.Item>
            </>
          )}
          {mayWrite && incident.archived_at === null && (
            <Menu.Item leftSection={<IconArchive size={15} />} onClick={() => archive.mutate(versioned(incident))}>
              {words.archive}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {linking && <LinkDialog incident={incident} onClose={link.close} />}
      {merging && <MergeDialog incident={incident} onClose={merge.close} />}
    </>
  )
}
