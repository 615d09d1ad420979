import { Button, SegmentedControl, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { api } from '@/api'
import { useMe } from '@/app/me'
import { text } from '@/text'
import classes from './audit.module.css'
import { isNarrowed, KINDS, type Kind, OUTCOMES, type Outcome, type TypedFilter, typedFilter } from './search'
import { useAuditSearch } from './useAuditSearch'

const words = text.audit.filters
const QUIET = 300 // milliseconds without a key before it is searched
const NOTHING = {
  q: undefined,
  person: undefined,
  action: undefined,
  resource: undefined,
  outcome: undefined,
  from: undefined,
  to: undefined,
}

/** What narrows the entries; `children` are actions. */
export function Filters({ children }: { children: ReactNode }) {
  const { search, change } = useAuditSearch()
  const { project_id } = useMe()
  const members = api.useQuery('get', '/projects/{project_id}/members', {
    params: { path: { project_id: project_id ?? '' } },
  }).data
  return (
    <search className={classes.filters}>
      <SegmentedControl
        size="xs"
        aria-label={words.kind}
        value={search.kind ?? KINDS[0]}
        onChange={(kind) => change({ kind: kind as Kind })}
        data={KINDS.map((value) => ({ value, label: words.kinds[value] }))}
      />
      <Typed name="q" label={words.text} width={200} icon={<IconSearch size={14} aria-hidden="true" />} />
      <Select
        size="xs"
        w={150}
        aria-label={words.person}
        placeholder={words.person}
        data={(members?.items ?? []).map(({ user_id, name }) => ({ value: user_id, label: name }))}
        value={search.person ?? null}
        onChange={(person) => change({ person: person ?? undefined })}
        clearable
      />
      <Typed name="action" label={words.action} example={words.actionExample} wrong={words.actionWrong} width={200} />
      <Typed name="resource" label={words.resource} wrong={words.resourceWrong} width={200} />
      {search.kind === 'calls' && (
        <Select
          size="xs"
          w={120}
          aria-label={words.outcome}
          placeholder={words.outcome}
          data={OUTCOMES.map((value) => ({ value, label: text.audit.outcomes[value] }))}
          value={search.outcome ?? null}
          onChange={(outcome) => change({ outcome: (outcome as Outcome | null) ?? undefined })}
          clearable
        />
      )}
      <Days />
      {isNarrowed(search) && (
        <Button variant="subtle" size="xs" color="gray" onClick={() => change(NOTHING)}>
          {words.clear}
        </Button>
      )}
      {children}
    </search>
  )
}

type TypedProps = {
  name: TypedFilter
  label: string
  width: number
  example?: string
  /** What to say of text that cannot be this filter. */
  wrong?: string
  icon?: ReactNode
}

/** A filter that is typed, and searched for when the typing rests. */
function Typed({ name, label, width, example = label, wrong, icon }: TypedProps) {
  const { search, change } = useAuditSearch()
  const [typed, setTyped] = useState({ value: search[name] ?? '', of: search[name] })
  // The address may change by other ways, such as going back or clearing.
  const asked = typedFilter(name, typed.value)
  if (typed.of !== search[name]) {
    setTyped({ value: asked === search[name] ? typed.value : (search[name] ?? ''), of: search[name] })
  }
  const look = useDebouncedCallback(
    (value: string) => change({ [name]: typedFilter(name, value) }, { quietly: true }),
    QUIET,
  )
  return (
    <TextInput
      size="xs"
      w={width}
      aria-label={label}
      placeholder={example}
      leftSection={icon}
      maxLength={200}
      value={typed.value}
      error={typed.value.trim() && asked === undefined ? wrong : undefined}
      onChange={({ currentTarget: { value } }) => {
        setTyped({ value, of: search[name] })
        look(value)
      }}
    />
  )
}

/** The first and the last day. */
export function Days() {
  const { search, change } = useAuditSearch()
  const { from = '', to = '' } = search
  return (
    <div className={classes.days}>
      <TextInput
        size="xs"
        type="date"
        aria-label={words.from}
        value={from}
        onChange={({ currentTarget: { value } }) =>
          change({ from: value || undefined, ...(to && value > to ? { to: value } : {}) })
        }
      />
      {words.until}
      <TextInput
        size="xs"
        type="date"
        aria-label={words.to}
        value={to}
        min={from}
        onChange={({ currentTarget: { value } }) => change({ to: value || undefined })}
      />
    </div>
  )
}
