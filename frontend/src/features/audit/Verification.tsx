import { Button, Group, Text } from '@mantine/core'
import { IconShieldCheck, IconShieldX } from '@tabler/icons-react'
import { useState } from 'react'
import { ApiError, client, type Model } from '@/api'
import { text } from '@/text'
import { ErrorState, Panel } from '@/ui'
import classes from './audit.module.css'
import { Days } from './Filters'
import { useAuditSearch } from './useAuditSearch'

const words = text.audit.verify
type Verified = Model<'VerifyOut'>

/** Compares days with their seals, as far as they go, and says clearly what came of it. */
export default function Verification() {
  const { search } = useAuditSearch()
  const [result, setResult] = useState<Verified>()
  const [error, setError] = useState<unknown>()
  const [isBusy, setBusy] = useState(false)
  const verify = async () => {
    setBusy(true)
    setError(undefined)
    try {
      setResult(
        await verified({ ...(search.from ? { from: search.from } : {}), ...(search.to ? { to: search.to } : {}) }),
      )
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Panel heading={words.heading} about={words.about}>
      <Group gap={12} mb={16}>
        <Days />
        <Button size="xs" onClick={() => void verify()} loading={isBusy}>
          {words.run}
        </Button>
      </Group>
      <div aria-live="polite">
        {error !== undefined && <ErrorState error={error} onRetry={() => void verify()} />}
        {error === undefined && result && <Result result={result} />}
      </div>
    </Panel>
  )
}

function Result({ result }: { result: Verified }) {
  const { intact, mismatch, verified: days, expired, open_from, since, until, last_digest } = result
  const Icon = intact ? IconShieldCheck : IconShieldX
  return (
    <div className={classes.result} data-intact={intact}>
      <Icon size={28} stroke={1.6} aria-hidden="true" />
      <div>
        <h3>{intact ? (days === 0 ? words.nothingSealed : words.intact) : words.broken}</h3>
        <Text size="sm">{words.range(since, until)}</Text>
        {mismatch && (
          <Text size="sm">
            {words.mismatch(mismatch.day, words.parts[mismatch.part], words.faults[mismatch.fault])}{' '}
            {mismatch.sealed_count !== null &&
              mismatch.found_count !== null &&
              words.counts(mismatch.sealed_count, mismatch.found_count)}
          </Text>
        )}
        <ul>
          <li>{words.days(days)}</li>
          {expired > 0 && <li>{words.expired(expired)}</li>}
          {open_from && <li>{words.open(open_from)}</li>}
        </ul>
        {last_digest && (
          <Text size="xs" c="dimmed" ff="monospace" className={classes.digest}>
            {words.digest(last_digest)}
          </Text>
        )}
      </div>
    </div>
  )
}

/** The whole range: where the API's time was up, it is asked again from the day it came to. */
async function verified(query: { from?: string; to?: string }): Promise<Verified> {
  const { data } = await client.GET('/audit/verify', { params: { query } })
  // Whatever is not an answer has been thrown as an `ApiError` by now.
  if (!data) throw new ApiError(0, {})
  if (!(data.intact && data.next_day)) return data
  const rest = await verified({ from: data.next_day, to: data.until })
  return {
    ...rest,
    since: data.since,
    verified: data.verified + rest.verified,
    expired: data.expired + rest.expired,
  }
}
