import { Button, Group } from '@mantine/core'
import { api } from '@/api'
import { useMay } from '@/app/me'
import { text } from '@/text'
import { notifyDone, notifyError } from '@/ui'
import { Command } from './EvidenceItem'
import classes from './hypotheses.module.css'
import type { Hypothesis } from './hypothesis'

type Props = { hypothesis: Hypothesis; onChange: () => Promise<void> }

const words = text.hypotheses.check
const OUTCOMES = ['supports', 'refutes', 'unclear'] as const

/** The one thing to look at that could refute a hypothesis; telling what it showed ranks all of them anew. */
export function RefutingCheck({ hypothesis, onChange }: Props) {
  const may = useMay('hypothesis:write')
  const told = api.useMutation('post', '/hypotheses/{hypothesis_id}/check', {
    onSuccess: async () => {
      await onChange()
      notifyDone(words.done)
    },
    onError: notifyError,
  })
  const { check, checked } = hypothesis
  return (
    <section className={classes.check}>
      <h3>{words.heading}</h3>
      <p>{check.instruction}</p>
      {check.command && <Command value={check.command} label={words.copy} />}
      <ul>
        <li data-outcome="supports">{check.supports}</li>
        <li data-outcome="refutes">{check.refutes}</li>
      </ul>
      {checked && <p className={classes.told}>{words.told(words.outcome[checked.outcome], checked.by)}</p>}
      {may && (
        <Group gap={8} role="group" aria-label={words.ask}>
          {OUTCOMES.map((outcome) => (
            <Button
              key={outcome}
              size="xs"
              variant={checked?.outcome === outcome ? 'light' : 'default'}
              aria-pressed={checked?.outcome === outcome}
              loading={told.isPending && told.variables.body.outcome === outcome}
              disabled={told.isPending}
              onClick={() => told.mutate({ params: { path: { hypothesis_id: hypothesis.id } }, body: { outcome } })}
            >
              {words[outcome]}
            </Button>
          ))}
        </Group>
      )}
    </section>
  )
}
