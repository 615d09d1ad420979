import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { useMay } from '@/app/me'
import { text } from '@/text'

const NewIncidentDialog = lazy(() => import('./NewIncidentDialog'))

/** A button for what no alert has told of; nothing for those who may not. */
export default function NewIncident() {
  const may = useMay('incident:write')
  const [isOpen, setOpen] = useState(false)
  if (!may) return null
  return (
    <>
      <Button size="xs" leftSection={<IconPlus size={14} aria-hidden="true" />} onClick={() => setOpen(true)}>
        {text.board.create.button}
      </Button>
      {isOpen && (
        <Suspense fallback={null}>
          <NewIncidentDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}
