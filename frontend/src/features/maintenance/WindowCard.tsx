import { Button, Group } from '@mantine/core'
import { api, ifMatch, lookAgain, type Model } from '@/api'
import { text } from '@/text'
import { ConfirmButton, exactTime, notifyDone, TimeAgo, tellRefusal } from '@/ui'
import classes from './maintenance.module.css'
import { STALE, type Window } from './windows'

const words = text.maintenance

type Props = { window: Window; mayChange: boolean; onEdit: () => void }

/** A window: when, for which alerts, and what it holds now. */
export function WindowCard({ window, mayChange, onEdit }: Props) {
  const answered = (done: string) => ({
    onSuccess: async () => {
      await lookAgain(...STALE)
      notifyDone(done)
    },
    onError: (error: unknown) => tellRefusal(error, ...STALE),
  })
  const end = api.useMutation('post', '/maintenance-windows/{window_id}/end', answered(words.ended))
  const cancel = api.useMutation('delete', '/maintenance-windows/{window_id}', answered(words.cancelled))
  const params = { params: { path: { window_id: window.id }, header: ifMatch(window.version) } }
  return (
    <li className={classes.card} data-status={window.status}>
      <div className={classes.about}>
        <h2 className={classes.title}>
          {window.title}
          <span className={classes.status} data-status={window.status}>
            {window.cancelled_at ? words.wasCancelled : words.statuses[window.status]}
          </span>
        </h2>
        <p className={classes.when}>
          <When window={window} />
        </p>
        <p className={classes.matchers}>
          {window.matchers.map(({ label, operator, value }) => (
            <code key={`${label}${operator}${value}`}>
              {label}
              {operator}"{value}"
            </code>
          ))}
        </p>
        {window.held_count > 0 && <p className={classes.held}>{words.holds(window.held_count)}</p>}
      </div>
      {mayChange && window.status !== 'past' && (
        <Group gap={8} className={classes.actions}>
          {window.status === 'active' && (
            <ConfirmButton size="xs" sure={words.endSure} loading={end.isPending} onConfirm={() => end.mutate(params)}>
              {words.end}
            </ConfirmButton>
          )}
          <Button size="xs" variant="default" onClick={onEdit}>
            {text.common.edit}
          </Button>
          <ConfirmButton
            size="xs"
            sure={words.cancelSure}
            loading={cancel.isPending}
            onConfirm={() => cancel.mutate(params)}
          >
            {words.cancel}
          </ConfirmButton>
        </Group>
      )}
    </li>
  )
}

function When({ window }: { window: Window }) {
  const shown = window.current ?? window.next ?? { starts_at: window.starts_at, ends_at: window.last_ends_at }
  return (
    <>
      {window.status === 'active' && window.current && (
        <>
          {words.endsSoon} <TimeAgo at={window.current.ends_at} />
          {' · '}
        </>
      )}
      {window.status === 'upcoming' && window.next && (
        <>
          {words.startsSoon} <TimeAgo at={window.next.starts_at} />
          {' · '}
        </>
      )}
      {spanned(shown, window.timezone)}
      {window.rule && ` · ${words.again(window.rule)}`}
    </>
  )
}

const spanned = ({ starts_at, ends_at }: Model<'SpanOut'>, zone: string) =>
  words.span(exactTime(Date.parse(starts_at), zone), exactTime(Date.parse(ends_at), zone))
