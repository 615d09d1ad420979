import { ActionIcon, CopyButton, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { text } from '@/text'
import { TimeAgo } from '@/ui'
import classes from './hypotheses.module.css'
import type { Evidence } from './hypothesis'
import { Plot } from './Plot'

/** One item of evidence as the analysis cites it; untrusted text stays text. */
export function EvidenceItem({ item, stance }: { item: Evidence; stance?: 'for' | 'against' }) {
  const words = text.hypotheses
  return (
    <li className={classes.evidence} data-stance={stance}>
      <span className={classes.code}>{item.id}</span>
      <div>
        <p className={classes.evidenceHead}>
          <b>{words.kind[item.kind]}</b>
          {item.component && <span>{item.component}</span>}
          <TimeAgo at={item.at} />
          {item.weight < 1 && <span>{words.weakened(Math.round(item.weight * 100))}</span>}
        </p>
        <p className={classes.evidenceText}>{item.text}</p>
        {item.series && <Plot series={item.series} at={item.at} about={item.text} />}
        {item.query && <Command value={item.query} label={words.copyQuery} />}
      </div>
    </li>
  )
}

/** Something to run elsewhere, with a button that copies it. */
export function Command({ value, label }: { value: string; label: string }) {
  return (
    <div className={classes.command}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard, too */}
      <code tabIndex={0}>{value}</code>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? text.common.copied : label}>
            <ActionIcon size="sm" onClick={copy} aria-label={copied ? text.common.copied : label}>
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
  )
}
