import { Alert, Button, Select } from '@mantine/core'
import { IconUserPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { api, lookAgain, type Model } from '@/api'
import { useMay, useMe } from '@/app/me'
import { text } from '@/text'
import { ConfirmButton, DataTable, ErrorState, notifyDone, notifyError, Panel, RowsSkeleton, TimeAgo } from '@/ui'
import { useProjectId } from '../project'
import classes from '../settings.module.css'
import { InviteDialog } from './InviteDialog'
import { isLastOwner, type Role, rolesBelow } from './roles'

const words = text.people
type Member = Model<'MemberOut'>

/** Who works in the project, and who is invited. */
export function PeopleTab() {
  const may = useMay('member:write')
  const { role } = useMe()
  const [isInviting, setInviting] = useState(false)
  const members = api.useQuery('get', '/projects/{project_id}/members', {
    params: { path: { project_id: useProjectId() } },
  })
  return (
    <>
      {!may && role && (
        <Alert variant="light" color="gray" mb={16}>
          {text.common.forbidden(text.common.role[role])}
        </Alert>
      )}
      <Panel
        heading={words.heading}
        about={words.about}
        isFlush
        actions={
          may && (
            <Button leftSection={<IconUserPlus size={15} />} onClick={() => setInviting(true)}>
              {words.invite}
            </Button>
          )
        }
      >
        {members.isPending && <RowsSkeleton rows={3} />}
        {members.isError && <ErrorState error={members.error} onRetry={() => members.refetch()} />}
        {members.data && (
          <DataTable label={words.heading} columns={COLUMNS}>
            {members.data.items.map((member) => (
              <Row key={member.user_id} member={member} all={members.data.items} mayChange={may} />
            ))}
          </DataTable>
        )}
      </Panel>
      {may && <Invitations />}
      {isInviting && <InviteDialog onClose={() => setInviting(false)} />}
    </>
  )
}

const COLUMNS = [{ label: words.person }, { label: words.role }, { label: text.common.actions, isQuiet: true }]

function Row({ member, all, mayChange }: { member: Member; all: Member[]; mayChange: boolean }) {
  const me = useMe()
  const path = { project_id: useProjectId(), user_id: member.user_id }
  const answered = (done: string) => ({
    onSuccess: async () => {
      await lookAgain('/projects/{project_id}/members', '/invitations', '/api-keys')
      notifyDone(done)
    },
    onError: notifyError,
  })
  const set = api.useMutation('put', '/projects/{project_id}/members/{user_id}', answered(text.common.saved))
  const remove = api.useMutation('delete', '/projects/{project_id}/members/{user_id}', answered(words.removed))
  const isLast = isLastOwner(member, all)
  const given = rolesBelow(me.role)
  const isAbove = !given.includes(member.role)
  const why = isLast ? words.lastOwner : isAbove ? words.above : null
  const name = member.name || member.email
  return (
    <tr>
      <td>
        <span className={classes.strong}>
          {name}
          {member.user_id === me.id && ` ${words.you}`}
        </span>
        <span className={classes.sub}>
          {member.email}
          {member.disabled_at && ` · ${words.disabled}`}
        </span>
      </td>
      <td>
        {mayChange && !why ? (
          <Select
            w={130}
            aria-label={words.roleOf(name)}
            data={given.map((value) => ({ value, label: text.common.role[value] }))}
            value={set.isPending ? (set.variables.body.role ?? member.role) : member.role}
            disabled={set.isPending}
            onChange={(role) => role && set.mutate({ params: { path }, body: { role: role as Role } })}
          />
        ) : (
          <>
            {text.common.role[member.role]}
            {mayChange && <span className={classes.sub}>{why}</span>}
          </>
        )}
      </td>
      <td className={classes.end}>
        {mayChange && !why && (
          <ConfirmButton
            size="xs"
            sure={words.removeSure(name)}
            aria-label={words.removeOf(name)}
            loading={remove.isPending}
            onConfirm={() => remove.mutate({ params: { path } })}
          >
            {text.common.remove}
          </ConfirmButton>
        )}
      </td>
    </tr>
  )
}

const INVITATION_COLUMNS = [
  { label: words.address },
  { label: words.role },
  { label: words.state },
  { label: text.common.actions, isQuiet: true },
]

function Invitations() {
  const invitations = api.useQuery('get', '/invitations')
  const revoke = api.useMutation('delete', '/invitations/{invitation_id}', {
    onSuccess: async () => {
      await lookAgain('/invitations')
      notifyDone(words.withdrawn)
    },
    onError: notifyError,
  })
  if (!invitations.data || invitations.data.items.length === 0) return null
  return (
    <Panel heading={words.invitations} isFlush>
      <DataTable label={words.invitations} columns={INVITATION_COLUMNS}>
        {invitations.data.items.map((one) => {
          const isOpen = !one.accepted_at && !one.revoked_at && Date.parse(one.expires_at) > Date.now()
          return (
            <tr key={one.id}>
              <td className={classes.strong}>{one.email}</td>
              <td>{text.common.role[one.role]}</td>
              <td>
                <InvitationState invitation={one} />
              </td>
              <td className={classes.end}>
                {isOpen && (
                  <ConfirmButton
                    size="xs"
                    sure={words.withdrawSure}
                    aria-label={words.withdrawOf(one.email)}
                    onConfirm={() => revoke.mutate({ params: { path: { invitation_id: one.id } } })}
                  >
                    {words.withdraw}
                  </ConfirmButton>
                )}
              </td>
            </tr>
          )
        })}
      </DataTable>
    </Panel>
  )
}

function InvitationState({ invitation }: { invitation: Model<'InvitationOut'> }) {
  const { accepted_at, revoked_at, expires_at } = invitation
  const [said, at] = accepted_at
    ? [words.accepted, accepted_at]
    : revoked_at
      ? [words.wasWithdrawn, revoked_at]
      : Date.parse(expires_at) > Date.now()
        ? [words.waiting, expires_at]
        : [words.expired, expires_at]
  return (
    <>
      {said} <TimeAgo at={at} />
    </>
  )
}
