import { Button, Menu } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import { text } from '@/text'
import { notifyError } from '@/ui'
import classes from './analytics.module.css'

type Props = { files: readonly { name: string; label: string; save: () => Promise<void> }[] }

/** Saves tables as files. */
export function ExportMenu({ files }: Props) {
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
          className={classes.end}
          loading={isBusy}
          leftSection={<IconDownload size={14} aria-hidden="true" />}
        >
          {text.analytics.export}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {files.map(({ name, label, save }) => (
          <Menu.Item key={name} onClick={() => void run(save)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
