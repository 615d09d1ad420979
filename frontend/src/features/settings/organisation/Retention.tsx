import { Group, NumberInput } from '@mantine/core'
import { useState } from 'react'
import { text } from '@/text'
import { ConfirmButton } from '@/ui'
import classes from '../settings.module.css'

const LEAST = 30 // days
const MOST = 3_650

type Props = {
  /** In days; null is for ever, which only what has a word for it can be. */
  kept: number | null
  words: {
    retention: string
    retentionAbout: string
    days: string
    forEver?: string
    range: (least: number, most: number) => string
    shorterSure: (days: number) => string
    longerSure: (days: number | null) => string
  }
  refusal: string | undefined
  isPending: boolean
  onSave: (days: number | null) => void
}

/** For how many days something is kept. */
export function Retention({ kept, words, refusal, isPending, onSave }: Props) {
  const [typed, type] = useState<number | string>(kept ?? '')
  const days = typed === '' ? null : Number(typed)
  const isPossible =
    days === null ? words.forEver !== undefined : Number.isInteger(days) && days >= LEAST && days <= MOST
  const isShorter = days !== null && (kept === null || days < kept)
  return (
    <div className={classes.setting}>
      <div>
        <h3 className={classes.settingName}>{words.retention}</h3>
        <p className={classes.settingAbout}>{words.retentionAbout}</p>
      </div>
      <Group gap={8} align="flex-start" wrap="nowrap">
        <NumberInput
          flex={1}
          aria-label={words.days}
          placeholder={words.forEver}
          suffix={text.organisation.daysUnit}
          allowDecimal={false}
          allowNegative={false}
          thousandSeparator=","
          value={typed}
          onChange={type}
          error={isPossible ? refusal : words.range(LEAST, MOST)}
        />
        <ConfirmButton
          sure={isShorter ? words.shorterSure(days) : words.longerSure(days)}
          disabled={!isPossible || days === kept}
          loading={isPending}
          onConfirm={() => onSave(days)}
        >
          {text.common.save}
        </ConfirmButton>
      </Group>
    </div>
  )
}
