import { Alert, Select, Textarea } from '@mantine/core'
import { useState } from 'react'
import { ApiError, wordsOf } from '@/api'
import { text } from '@/text'
import { FormDialog } from '@/ui'
import type { Incident, useMove } from './incident'
import { moveName } from './moves'

const words = text.incident.move

type Props = {
  incident: Incident
  moves: ReturnType<typeof useMove>
  proposed: Incident['state']
  onClose: () => void
}

/** Moves an incident with a note, and shows why a move was refused. */
export function MoveDialog({ incident, moves, proposed, onClose }: Props) {
  const { allowed_transitions: allowed, notes_needed: needed, state } = incident
  const [chosen, choose] = useState(proposed)
  const [note, setNote] = useState('')
  const to = allowed.includes(chosen) ? chosen : (allowed[0] ?? chosen)
  const needsNote = needed.includes(to)
  const close = () => {
    moves.forget()
    onClose()
  }
  return (
    <FormDialog
      heading={words.withNote}
      submit={moveName(state, to)}
      isPending={moves.isPending}
      isIncomplete={allowed.length === 0 || (needsNote && !note.trim())}
      error={null}
      onSubmit={(event) => {
        event.preventDefault()
        moves.move(to, note, close)
      }}
      onClose={close}
    >
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
    </FormDialog>
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
