import { Button } from '@mantine/core'
import type { RefObject } from 'react'
import { api } from '@/api'
import { useMe } from '@/app/me'
import { text } from '@/text'
import { SeverityBadge } from '@/ui'
import classes from './board.module.css'
import { FilterMenu } from './FilterMenu'
import { SearchBox } from './SearchBox'
import { isNarrowed, listed, SEVERITIES, SORTS, type Sort, STATES, toggled } from './search'
import { useBoardSearch } from './useBoardSearch'

const words = text.board
const { filters, sorts } = words

/** What narrows and orders the board. */
export default function Toolbar({ input }: { input: RefObject<HTMLInputElement | null> }) {
  const { search, change, show } = useBoardSearch()
  const services = api.useQuery('get', '/services', { params: { query: { limit: 200 } } }).data?.items ?? []
  const sort = search.sort ?? (search.q ? 'relevance' : 'newest')
  return (
    <search className={classes.tools}>
      <SearchBox
        value={search.q ?? ''}
        input={input}
        onSearch={(q) => change({ q: q || undefined, sort: undefined }, { quietly: true })}
      />
      <FilterMenu
        name={filters.severity}
        options={SEVERITIES.map((value) => ({
          value,
          label: text.common.severity[value],
          icon: <SeverityBadge severity={value} compact />,
        }))}
        chosen={listed(search.severity)}
        onToggle={(value) => change({ severity: toggled(search.severity, value) })}
      />
      <FilterMenu
        name={filters.state}
        options={STATES.map((value) => ({ value, label: text.common.state[value] }))}
        chosen={listed(search.state)}
        onToggle={(value) => change({ state: toggled(search.state, value) })}
      />
      <FilterMenu
        name={filters.service}
        options={services.map(({ name }) => ({ value: name, label: name }))}
        chosen={listed(search.service)}
        onToggle={(value) => change({ service: toggled(search.service, value) })}
        empty={filters.noServices}
      />
      <Assignees chosen={search.assignee} onToggle={(value) => change({ assignee: toggled(search.assignee, value) })} />
      <FilterMenu
        name={filters.more}
        options={[
          { value: 'flapping', label: filters.flapping },
          { value: 'archived', label: filters.archived },
        ]}
        chosen={[search.flapping && 'flapping', search.archived && 'archived'].filter((one) => one !== undefined)}
        onToggle={(value) =>
          change(
            value === 'flapping'
              ? { flapping: search.flapping ? undefined : true }
              : { archived: search.archived ? undefined : true },
          )
        }
      />
      {isNarrowed(search) && (
        <Button
          variant="subtle"
          size="xs"
          color="gray"
          onClick={() => show(search.scope ? { scope: search.scope } : {})}
        >
          {words.clear}
        </Button>
      )}
      <div className={classes.sort}>
        <FilterMenu
          name={filters.sort}
          options={[...(search.q ? (['relevance'] as const) : []), ...SORTS].map((value) => ({
            value,
            label: sorts[value],
          }))}
          chosen={[sort]}
          onToggle={(value) => change({ sort: value as Sort })}
          single
        />
      </div>
    </search>
  )
}

function Assignees({ chosen, onToggle }: { chosen: string | undefined; onToggle: (value: string) => void }) {
  const me = useMe()
  const path = { project_id: me.project_id ?? '' }
  const members = api.useQuery('get', '/projects/{project_id}/members', { params: { path } }).data?.items ?? []
  return (
    <FilterMenu
      name={filters.assignee}
      options={[
        { value: 'me', label: filters.me },
        { value: 'none', label: filters.nobody },
        ...members
          .filter(({ user_id }) => user_id !== me.id)
          .map(({ user_id, name }) => ({ value: user_id, label: name })),
      ]}
      chosen={listed(chosen)}
      onToggle={onToggle}
    />
  )
}
