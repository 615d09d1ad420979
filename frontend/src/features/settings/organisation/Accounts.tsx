import { Button } from '@mantine/core'
import { api, lookAgain, type Model } from '@/api'
import { useMe } from '@/app/me'
import { text } from '@/text'
import { ConfirmButton, DataTable, ErrorState, notifyDone, notifyError, Panel, RowsSkeleton, TimeAgo } from '@/ui'
import classes from '../settings.module.css'

const words = text.organisation
const COLUMNS = [
  { label: words.person },
  { label: words.since, isSecondary: true },
  { label: words.state },
  { label: text.common.actions, isQuiet: true },
]

/** Everybody who can sign in, in whichever projects. */
export function Accounts() {
  const users = api.useQuery('get', '/users')
  if (users.isPending) return <RowsSkeleton rows={3} />
  if (!users.data) return <ErrorState error={users.error} onRetry={() => users.refetch()} />
  return (
    <Panel heading={words.people} about={words.peopleAbout} isFlush>
      <DataTable label={words.people} columns={COLUMNS}>
        {users.data.items.map((user) => (
          <Person key={user.id} user={user} />
        ))}
      </DataTable>
    </Panel>
  )
}

function Person({ user }: { user: Model<'UserOut'> }) {
  const me = useMe()
  const update = api.useMutation('patch', '/users/{user_id}', {
    onSuccess: async () => {
      await lookAgain('/users', '/projects/{project_id}/members', '/invitations', '/api-keys')
      notifyDone(text.common.saved)
    },
    onError: notifyError,
  })
  const isDisabled = user.disabled_at !== null
  const set = (disabled: boolean) => update.mutate({ params: { path: { user_id: user.id } }, body: { disabled } })
  return (
    <tr>
      <td>
        <span className={classes.strong}>{user.name || user.email}</span>
        <span className={classes.sub}>{user.email}</span>
      </td>
      <td data-secondary>
        <TimeAgo at={user.created_at} />
      </td>
      <td>{isDisabled ? words.disabled : user.owns_tenant ? words.owns : words.active}</td>
      <td className={classes.end}>
        {user.id !== me.id && isDisabled && (
          <Button size="xs" variant="default" loading={update.isPending} onClick={() => set(false)}>
            {words.enable}
          </Button>
        )}
        {user.id !== me.id && !isDisabled && (
          <ConfirmButton
            size="xs"
            sure={words.disableSure}
            aria-label={words.disableOf(user.name || user.email)}
            loading={update.isPending}
            onConfirm={() => set(true)}
          >
            {words.disable}
          </ConfirmButton>
        )}
      </td>
    </tr>
  )
}
