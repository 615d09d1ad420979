import { Accordion, Alert, Anchor, Button, Group, Text, Title } from '@mantine/core'
import { IconSparkles } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { ApiError, api, type Model, queryClient } from '@/api'
import { useMay } from '@/app/me'
import { text } from '@/text'
import { EmptyState, ErrorState, notifyDone, notifyError, RowsSkeleton } from '@/ui'
import { confidence } from './confidence'
import { costNote } from './details'
import { EvidenceItem } from './EvidenceItem'
import { HypothesisCard } from './HypothesisCard'
import classes from './hypotheses.module.css'
import type { Found } from './hypothesis'

const words = text.hypotheses

/** `onAsk` is told when a run was asked for. */
type Props = { incidentId: string; onAsk: () => void }

/** What an incident's cause may be, best first, with all that it rests on and what people say of it. */
export function HypothesesPanel({ incidentId, onAsk }: Props) {
  const params = { path: { incident_id: incidentId } }
  const found = api.useQuery('get', '/incidents/{incident_id}/hypotheses', { params })
  if (found.isPending) return <RowsSkeleton rows={3} height={72} />
  if (!found.data) return <ErrorState error={found.error} onRetry={() => found.refetch()} />
  return (
    <section className={classes.panel} aria-labelledby="hypotheses-heading">
      <Group justify="space-between" gap={8}>
        <div>
          <Title order={2} id="hypotheses-heading">
            {words.heading}
          </Title>
          <Text size="sm" c="dimmed">
            {found.data.outcome === 'inconclusive' && words.outcome.inconclusive}
            {found.data.outcome === 'ranked' && words.outcome.ranked(found.data.items.length)}
            {found.data.run > 0 && ` · ${words.run(found.data.run)}`}
          </Text>
          <ModelCost incidentId={incidentId} />
        </div>
        <AskModel incidentId={incidentId} onAsk={onAsk} />
      </Group>
      {found.data.analysed_incident_id !== incidentId && <SharedRun id={found.data.analysed_incident_id} />}
      <Ranked found={found.data} />
    </section>
  )
}

function ModelCost({ incidentId }: { incidentId: string }) {
  const params = { path: { incident_id: incidentId } }
  const cost = api.useQuery('get', '/analytics/incidents/{incident_id}/cost', { params })
  const note = cost.data ? costNote(cost.data) : null
  if (note === null) return null
  return (
    <Text size="sm" c="dimmed">
      {note}
    </Text>
  )
}

/** All queries of hypotheses: one incident's may be shown by others, too. */
async function lookAgain(): Promise<void> {
  await Promise.all(
    ['/incidents/{incident_id}/hypotheses', '/incidents/{incident_id}/timeline'].map((path) =>
      queryClient.invalidateQueries({ queryKey: ['get', path] }),
    ),
  )
}

function AskModel({ incidentId, onAsk }: Props) {
  const may = useMay('hypothesis:write')
  const ask = api.useMutation('post', '/incidents/{incident_id}/hypotheses', {
    onSuccess: () => {
      notifyDone(words.ask.asked)
      onAsk()
    },
    onError: (error: unknown) => {
      if (error instanceof ApiError && error.is('already-generating')) notifyDone(words.ask.busy)
      else notifyError(error)
    },
  })
  if (!may) return null
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<IconSparkles size={14} />}
      loading={ask.isPending}
      onClick={() => ask.mutate({ params: { path: { incident_id: incidentId } }, body: { refresh: true } })}
    >
      {words.ask.button}
    </Button>
  )
}

function SharedRun({ id }: { id: string }) {
  return (
    <Alert variant="light" p="xs">
      {words.sharedRun}{' '}
      <Anchor size="sm" renderRoot={(props) => <Link to="/incidents/$id" params={{ id }} {...props} />}>
        {words.openShared}
      </Anchor>
    </Alert>
  )
}

function Ranked({ found }: { found: Found }) {
  if (found.run === 0) return <EmptyState {...words.waiting} icon={<IconSparkles size={22} stroke={1.6} />} />
  const cited = new Set(found.items.flatMap((item) => item.evidence.map(({ id }) => id)))
  const others = found.evidence.filter(({ id }) => !cited.has(id))
  return (
    <>
      {found.lead && <Lead lead={found.lead} />}
      <ol className={classes.list}>
        {found.items.map((item) => (
          <HypothesisCard
            key={`${item.component} ${item.cause_code}`}
            hypothesis={item}
            startsOpen={item.rank === 1 && found.outcome === 'ranked'}
            onChange={lookAgain}
          />
        ))}
      </ol>
      {found.ruled_out.length + others.length > 0 && (
        <Accordion variant="default" chevronPosition="left" className={classes.rest} order={3} multiple>
          {found.ruled_out.length > 0 && (
            <Accordion.Item value="ruled out">
              <Accordion.Control>{words.ruledOut(found.ruled_out.length)}</Accordion.Control>
              <Accordion.Panel>
                <RuledOut entries={found.ruled_out} />
              </Accordion.Panel>
            </Accordion.Item>
          )}
          {others.length > 0 && (
            <Accordion.Item value="evidence">
              <Accordion.Control>{words.otherEvidence(others.length)}</Accordion.Control>
              <Accordion.Panel>
                <ul className={classes.evidenceList}>
                  {others.map((item) => (
                    <EvidenceItem key={item.id} item={item} />
                  ))}
                </ul>
              </Accordion.Panel>
            </Accordion.Item>
          )}
        </Accordion>
      )}
    </>
  )
}

function Lead({ lead }: { lead: Model<'LeadOut'> }) {
  const { percent, word } = confidence(lead.confidence_score)
  return (
    <Alert variant="light" color="gray" title={words.lead}>
      {lead.claim} · {word}, {words.confidence(percent)}
    </Alert>
  )
}

function RuledOut({ entries }: { entries: Found['ruled_out'] }) {
  return (
    <ul className={classes.ruledOut}>
      {entries.map(({ component, cause_code, reason }) => (
        <li key={`${component} ${cause_code}`}>
          <b>{words.cause(cause_code)}</b> {component} <span>{reason}</span>
        </li>
      ))}
    </ul>
  )
}
