import { Alert, Button, Group, Title } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { ApiError, api, client, ifMatch, type Model, queryClient } from '@/api'
import { useMay } from '@/app/me'
import { text } from '@/text'
import { ConfirmButton, ErrorState, notifyDone, notifyError, RowsSkeleton, TimeAgo } from '@/ui'
import { type Incident, lookAgain, paramsOf, refused } from '../incident'
import classes from '../incident.module.css'
import { useDraft } from '../useDraft'
import { PostmortemForm } from './PostmortemForm'
import { PostmortemRead } from './PostmortemRead'

const words = text.incident.postmortem
const ONE = '/incidents/{incident_id}/postmortem'

export type Draft = Pick<Model<'PostmortemOut'>, 'body' | 'action_items'> & {
  /** The version that the person began from, which a save replaces. */
  version: number
}

/** What is learned from the incident: suggested, written, published and exported. */
export default function Postmortem({ incident }: { incident: Incident }) {
  const found = api.useQuery('get', ONE, paramsOf(incident.id))
  if (found.isPending) return <RowsSkeleton rows={8} height={28} />
  if (!found.data) return <ErrorState error={found.error} onRetry={() => found.refetch()} />
  return <Loaded incident={incident} stored={found.data} />
}

function Loaded({ incident, stored }: { incident: Incident; stored: Model<'PostmortemOut'> }) {
  const isInUse = incident.archived_at === null && incident.merged_into === null
  const mayWrite = useMay('incident:write') && isInUse
  const mayPublish = useMay('incident:transition') && isInUse
  const { draft, setDraft, settle } = useDraft<Draft>('postmortem', incident.id)
  const { queryKey } = api.queryOptions('get', ONE, paramsOf(incident.id))
  const took = (saved: Model<'PostmortemOut'>) => {
    queryClient.setQueryData(queryKey, saved)
    lookAgain()
  }
  const conflicted = (error: unknown) => {
    // Told beside the text, where there is a choice.
    if (error instanceof ApiError && error.status === 412) lookAgain()
    else refused(error)
  }
  const save = api.useMutation('put', ONE, {
    onMutate: () => ({ sent: draft }),
    onSuccess: (saved, _, { sent }) => {
      settle(sent, (left) => ({ ...left, version: saved.version }))
      took(saved)
      notifyDone(words.saved)
    },
    onError: conflicted,
  })
  const publish = api.useMutation('post', `${ONE}/publish`, {
    onSuccess: (published) => {
      took(published)
      notifyDone(words.published)
    },
    onError: refused,
  })
  const params = (version: number) => ({ params: { path: { incident_id: incident.id }, header: ifMatch(version) } })
  const { standing, published } = stored
  const isBehind = draft !== null && draft.version !== stored.version
  return (
    <section aria-labelledby="postmortem-heading" className={classes.part}>
      <div className={classes.partHead}>
        <div>
          <Title order={2} id="postmortem-heading">
            {words.heading} <span className={classes.standingTag}>{words.standing[standing]}</span>
          </Title>
          <p className={classes.cardMeta}>
            <span>{words.about[standing]}</span>
            {published && (
              <span>
                {words.publishedBy(published.by)} <TimeAgo at={published.at} />
              </span>
            )}
          </p>
        </div>
        <Group gap={8}>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconDownload size={14} />}
            onClick={() => void download(incident)}
          >
            {words.export}
          </Button>
          {mayPublish && standing !== 'suggested' && standing !== 'published' && (
            <ConfirmButton
              size="xs"
              sure={words.publishSure}
              loading={publish.isPending}
              disabled={draft !== null}
              onConfirm={() => publish.mutate(params(stored.version))}
            >
              {words.publish}
            </ConfirmButton>
          )}
        </Group>
      </div>
      {isBehind && (
        <Alert color="yellow" variant="light" role="alert" title={words.conflict.title}>
          {words.conflict.advice}
          <Group gap={8} mt={10}>
            <Button size="xs" variant="default" onClick={() => setDraft(null)}>
              {words.conflict.take}
            </Button>
            <Button size="xs" variant="default" onClick={() => setDraft({ ...draft, version: stored.version })}>
              {words.conflict.keep}
            </Button>
          </Group>
        </Alert>
      )}
      {mayWrite ? (
        <PostmortemForm
          shown={draft ?? stored}
          isChanged={draft !== null}
          isSaving={save.isPending}
          isBlocked={isBehind}
          isNew={stored.version === 0}
          onChange={(changed) => setDraft({ ...changed, version: draft?.version ?? stored.version })}
          onDiscard={() => setDraft(null)}
          onSave={({ body, action_items }) =>
            save.mutate({ ...params(draft?.version ?? stored.version), body: { body, action_items } })
          }
        />
      ) : (
        <PostmortemRead shown={published ?? stored} />
      )}
    </section>
  )
}

/** Saves the postmortem as a file, as the API writes it. */
async function download(incident: Incident): Promise<void> {
  try {
    const path = `${ONE}/export` as const
    const { data } = await client.GET(path, { ...paramsOf(incident.id), parseAs: 'blob' })
    const link = document.createElement('a')
    link.href = URL.createObjectURL(data as unknown as Blob)
    link.download = `${incident.reference}-postmortem.md`
    link.click()
    URL.revokeObjectURL(link.href)
  } catch (error) {
    notifyError(error)
  }
}
