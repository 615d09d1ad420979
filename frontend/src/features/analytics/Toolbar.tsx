import { MultiSelect, SegmentedControl, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { api } from '@/api'
import { text } from '@/text'
import classes from './analytics.module.css'
import { type AnalyticsSearch, PERIOD_NAMES, type Period, SEVERITIES } from './search'
import { useAnalyticsSearch } from './useAnalyticsSearch'

const words = text.analytics.toolbar
const CUSTOM = 'custom'

/** Which time the figures are of; the AI's are told by whole periods only. `children` are more filters and actions. */
export function Toolbar({ withDates = true, children }: { withDates?: boolean; children?: ReactNode }) {
  const { search, change } = useAnalyticsSearch()
  const isCustom = withDates && search.from !== undefined
  const choose = (value: string) =>
    value === CUSTOM
      ? change({ period: undefined, ...lastWeek(new Date()) })
      : change({ period: value as Period, from: undefined, to: undefined })
  return (
    <search className={classes.toolbar}>
      <SegmentedControl
        size="xs"
        aria-label={words.period}
        value={isCustom ? CUSTOM : (search.period ?? '30d')}
        onChange={choose}
        data={[
          ...PERIOD_NAMES.map((value) => ({ value, label: words.periods[value] })),
          ...(withDates ? [{ value: CUSTOM, label: words.custom }] : []),
        ]}
      />
      {isCustom && <Dates search={search} onChange={change} />}
      {children}
    </search>
  )
}

type DatesProps = { search: AnalyticsSearch; onChange: (changed: { from: string; to: string }) => void }

function Dates({ search: { from = '', to = '' }, onChange }: DatesProps) {
  return (
    <div className={classes.dates}>
      <TextInput
        size="xs"
        type="date"
        aria-label={words.from}
        value={from}
        max={to}
        onChange={({ currentTarget: { value } }) => value && onChange({ from: value, to: value > to ? value : to })}
      />
      {words.until}
      <TextInput
        size="xs"
        type="date"
        aria-label={words.to}
        value={to}
        min={from}
        onChange={({ currentTarget: { value } }) => value && onChange({ from: value < from ? value : from, to: value })}
      />
    </div>
  )
}

/** Services, severities and who took part. */
export function IncidentFilters() {
  const { search, change } = useAnalyticsSearch()
  const services = api.useQuery('get', '/services', { params: { query: { limit: 200 } } }).data?.items ?? []
  const names = [...new Set([...services.map(({ name }) => name), ...(search.service ?? [])])]
  return (
    <>
      <MultiSelect
        size="xs"
        aria-label={words.service}
        placeholder={search.service ? '' : words.service}
        data={names}
        value={search.service ?? []}
        onChange={(service) => change({ service: service.length > 0 ? service : undefined })}
        searchable
        clearable
        maxValues={20}
        w={170}
      />
      <MultiSelect
        size="xs"
        aria-label={words.severity}
        placeholder={search.severity ? '' : words.severity}
        data={SEVERITIES.map((value) => ({ value, label: text.common.severity[value] }))}
        value={search.severity ?? []}
        onChange={(chosen) => {
          const severity = SEVERITIES.filter((one) => chosen.includes(one))
          change({ severity: severity.length > 0 ? severity : undefined })
        }}
        clearable
        w={150}
      />
    </>
  )
}

function lastWeek(now: Date): { from: string; to: string } {
  const begins = new Date(now)
  begins.setDate(begins.getDate() - 6)
  return { from: dayOf(begins), to: dayOf(now) }
}

const dayOf = (at: Date) => at.toLocaleDateString('sv')
