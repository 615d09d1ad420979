import { Collapse, UnstyledButton } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronRight, IconCircleCheck, IconCircleX } from '@tabler/icons-react'
import { useId } from 'react'
import type { Model } from '@/api'
import { text } from '@/text'
import { confidence } from './confidence'
import { EvidenceItem } from './EvidenceItem'
import classes from './hypotheses.module.css'
import type { Hypothesis } from './hypothesis'
import { RefutingCheck } from './RefutingCheck'
import { Score } from './Score'
import { VerdictActions } from './Verdict'

type Props = { hypothesis: Hypothesis; startsOpen: boolean; onChange: () => Promise<void> }

const words = text.hypotheses

/** A hypothesis: the claim and how sure it is; opened, what it rests on, how to refute it, and how its score arose. */
export function HypothesisCard({ hypothesis, startsOpen, onChange }: Props) {
  const [isOpen, { toggle }] = useDisclosure(startsOpen)
  const id = useId()
  const sure = confidence(hypothesis.confidence_score)
  return (
    <li className={classes.card} data-verdict={hypothesis.verdict?.verdict} data-open={isOpen}>
      <UnstyledButton className={classes.summary} onClick={toggle} aria-expanded={isOpen} aria-controls={id}>
        <span className={classes.rank}>{hypothesis.rank}</span>
        <span className={classes.claim}>
          <strong>{hypothesis.claim}</strong>
          <span className={classes.about}>
            <span>{words.cause(hypothesis.cause_code)}</span>
            {hypothesis.component && <span>{hypothesis.component}</span>}
            <span>{words.source[hypothesis.source] ?? hypothesis.source}</span>
          </span>
        </span>
        <span className={classes.sure} data-level={sure.level}>
          <span className={classes.percent}>
            {sure.percent}
            <small>%</small>
          </span>
          <span className={classes.word}>{sure.word}</span>
          <span className={classes.gauge} aria-hidden="true">
            <span style={{ width: `${sure.percent}%` }} />
          </span>
        </span>
        <IconChevronRight className={classes.chevron} size={16} aria-hidden="true" />
      </UnstyledButton>
      {hypothesis.verdict && <Decided verdict={hypothesis.verdict} />}
      <Collapse expanded={isOpen} id={id}>
        {isOpen && <Details hypothesis={hypothesis} onChange={onChange} />}
      </Collapse>
    </li>
  )
}

function Decided({ verdict: { verdict, by, reason } }: { verdict: Model<'VerdictOut'> }) {
  const Icon = verdict === 'confirmed' ? IconCircleCheck : IconCircleX
  return (
    <p className={classes.decided} data-verdict={verdict}>
      <Icon size={15} aria-hidden="true" /> <b>{words.verdict[verdict]}</b> {words.verdict.by(by)}
      {reason && <span>{reason}</span>}
    </p>
  )
}

function Details({ hypothesis, onChange }: Omit<Props, 'startsOpen'>) {
  return (
    <div className={classes.details}>
      <p className={classes.description}>{hypothesis.description}</p>
      <section>
        <h3>{words.evidence}</h3>
        {hypothesis.evidence.length === 0 && <p className={classes.description}>{words.noEvidence}</p>}
        <ul className={classes.evidenceList}>
          {hypothesis.evidence.map((item) => (
            <EvidenceItem key={`${item.stance} ${item.id}`} item={item} stance={item.stance} />
          ))}
        </ul>
      </section>
      <RefutingCheck hypothesis={hypothesis} onChange={onChange} />
      <section>
        <h3>{words.score}</h3>
        <Score hypothesis={hypothesis} />
      </section>
      <VerdictActions hypothesis={hypothesis} onChange={onChange} />
    </div>
  )
}
