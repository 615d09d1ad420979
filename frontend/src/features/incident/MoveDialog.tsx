import { Alert, Button, Group, Modal, Select, Stack, Textarea } from '@mantine/core'
import { useState } from 'react'
import { ApiError, wordsOf } from '@/api'
import { text } from '@/text'
import type { Incident, useMove } from './incident'
import { moveName } from './moves'

const words = text.incident.move

type Props = {
  incident: Incident
  moves: ReturnType<typeof useMove>
  /** The state to propose; null while the dialog is closed. */
  proposed: Incident['state'] | null
  onClose: () => void
}

/** Moves an incident with a note, and shows why a move was refused. */
export function MoveDialog({ incident, moves, proposed, onClose }: Props) {
  const close = () => {
    moves.forget()
    onClose()
  }
  return (
    <Modal opened={proposed !== null} onClose={close} title={words.withNote}>
      {proposed && <MoveForm incident={incident} moves={moves} proposed={proposed} onClose={close} />}
    </Modal>
  )
}

function MoveForm({ incident, moves, proposed, onClose }: Props & { proposed: Incident['state'] }) {
  const { allowed_transitions: allowed, notes_needed: needed, state } = incident
  const [chosen, choose] = useState(proposed)
  const [note, setNote] = useState('')
  const to = allowed.includes(chosen) ? chosen : (allowed[0] ?? chosen)
  const needsNote = needed.includes(to)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        moves.move(to, note, onClose)
      }}
    >
      <Stack gap={14}>
        {moves.refusal != null && <Refusal error={moves.refusal} />}
        <Select
          label={words.which}
          data={allowed.map((value) => ({ value, label: moveName(state, value) }))}
          value={to}
          onChange={(value) => choose(allowed.find((one) => one === value) ?? to)}
        />
        <Textarea
          label={words.note}
          description={needsNote ? words.noteNeeded : words.noteFree}
          required={needsNote}
          maxLength={2_000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          data-autofocus
        />
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            {text.common.cancel}
          </Button>
          <Button
            type="submit"
            loading={moves.isPending}
            disabled={allowed.length === 0 || (needsNote && !note.trim())}
          >
            {moveName(state, to)}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Refusal({ error }: { error: unknown }) {
  const { title, advice } = wordsOf(error)
  const states = error instanceof ApiError ? error.problem.allowed : undefined
  const names = text.common.state as Record<string, string>
  return (
    <Alert color="red" variant="light" title={title} role="alert">
      {states ? words.possible(states.map((state) => names[state] ?? state)) : advice}
    </Alert>
  )
}
