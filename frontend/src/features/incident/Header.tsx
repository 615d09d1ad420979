import { ActionIcon, Title, Tooltip } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconActivity, IconPencil } from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay, useMe } from '@/app/me'
import { text } from '@/text'
import { SeverityBadge, StateBadge, TimeAgo } from '@/ui'
import { KeysHelp } from '@/ui/KeysHelp'
import { ActionsMenu } from './ActionsMenu'
import { Banners } from './Banners'
import { EditDialog } from './EditDialog'
import { type Incident, useChange, useMove } from './incident'
import classes from './incident.module.css'
import { MoveDialog } from './MoveDialog'
import { Moves } from './Moves'
import { nextMove } from './moves'
import type { Tab } from './routes'
import { useKeys } from './useKeys'

const words = text.incident

/** What the incident is, how it stands, and what can be done with it. */
export function Header({ incident, onShow }: { incident: Incident; onShow: (tab: Tab) => void }) {
  const me = useMe()
  const navigate = useNavigate()
  const mayWrite = useMay('incident:write') && incident.archived_at === null && incident.merged_into === null
  const [editing, edit] = useDisclosure(false)
  const [help, keys] = useDisclosure(false)
  // The state that the note dialog proposes; null while it is closed.
  const [proposed, propose] = useState<Incident['state'] | null>(null)
  const moves = useMove(incident)
  const { change } = useChange(incident)
  const proposal = nextMove(incident) ?? incident.allowed_transitions[0]
  useKeys({
    acknowledge: () =>
      incident.allowed_transitions.includes('acknowledged') &&
      moves.move('acknowledged', '', undefined, () => propose('acknowledged')),
    move: () => proposal && propose(proposal),
    assign: () => mayWrite && me.id && change({ assignee_id: me.id }),
    edit: () => mayWrite && edit.open(),
    show: onShow,
    leave: () => navigate({ to: '/' }),
    help: keys.toggle,
  })
  return (
    <header className={classes.header}>
      <nav aria-label={words.crumbs} className={classes.crumbs}>
        <Link to="/">{words.board}</Link>
        <span aria-hidden="true">/</span>
        <span className="tabular">{incident.reference}</span>
      </nav>
      <div className={classes.headline}>
        <div className={classes.titled}>
          <Title order={1} className={classes.title}>
            {incident.title}
          </Title>
          {mayWrite && (
            <Tooltip label={words.actions.edit}>
              <ActionIcon aria-label={words.edit.heading(incident.reference)} onClick={edit.open}>
                <IconPencil size={16} stroke={1.7} />
              </ActionIcon>
            </Tooltip>
          )}
        </div>
        <div className={classes.actions}>
          <Moves incident={incident} moves={moves} onPropose={propose} />
          <ActionsMenu incident={incident} onEdit={edit.open} />
          <KeysHelp label={words.keys.button} keys={words.keys.moves} opened={help} onChange={keys.set} />
        </div>
      </div>
      <div className={classes.standing}>
        <StateBadge state={incident.state} />
        <SeverityBadge severity={incident.severity} />
        {incident.service_name && <span className={classes.service}>{incident.service_name}</span>}
        {incident.flapping && (
          <Tooltip label={words.flappingAbout}>
            <span className={classes.flapping}>
              <IconActivity size={14} aria-hidden="true" />
              {words.flapping}
            </span>
          </Tooltip>
        )}
        <span className={classes.dim}>
          {words.details.opened} <TimeAgo at={incident.created_at} />
        </span>
      </div>
      <Banners incident={incident} />
      {proposed && <MoveDialog incident={incident} moves={moves} proposed={proposed} onClose={() => propose(null)} />}
      {editing && <EditDialog incident={incident} onClose={edit.close} />}
    </header>
  )
}
