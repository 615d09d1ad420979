import { Button, Menu } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import { notifyError } from './notify'

type File = {
  /** What the file holds, as people say it. */
  name: string
  /** Rejects with an `ApiError`. */
  save: () => Promise<void>
}

/** Saves what the page shows as files; stands at the end of its line. */
export function ExportMenu({ label, files }: { label: string; files: readonly File[] }) {
  const [isBusy, setBusy] = useState(false)
  const run = async (save: () => Promise<void>) => {
    setBusy(true)
    try {
      await save()
    } catch (error) {
      notifyError(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          size="xs"
          ml={{ base: 0, sm: 'auto' }}
          loading={isBusy}
          leftSection={<IconDownload size={14} aria-hidden="true" />}
        >
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {files.map(({ name, save }) => (
          <Menu.Item key={name} onClick={() => void run(save)}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
