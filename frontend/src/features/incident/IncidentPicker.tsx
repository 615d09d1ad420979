import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { api } from '@/api'
import { text } from '@/text'

const words = text.incident.picker
const PAUSE = 200 // milliseconds without typing, after which is searched
const MOST = 20

type Props = {
  /** The incident that cannot be picked. */
  except: string
  value: string | null
  onChange: (id: string | null) => void
}

/** Picks another incident by its reference or by words. */
export function IncidentPicker({ except, value, onChange }: Props) {
  const [typed, type] = useState('')
  const [wanted] = useDebouncedValue(typed.trim(), PAUSE)
  const number = /^(?:INC-)?(\d{1,9})\b/i.exec(wanted)?.[1]
  const query = number ? { number: Number(number) } : wanted ? { q: wanted } : {}
  const found = api.useQuery('get', '/incidents', { params: { query: { ...query, limit: MOST } } })
  const others = (found.data?.items ?? []).filter(({ id }) => id !== except)
  return (
    <Select
      label={words.label}
      placeholder={words.placeholder}
      searchable
      data={others.map(({ id, reference, title }) => ({ value: id, label: `${reference} ${title}` }))}
      filter={({ options }) => options}
      nothingFoundMessage={found.isFetching ? text.common.loading : words.nothing}
      onSearchChange={type}
      value={value}
      onChange={onChange}
      data-autofocus
    />
  )
}
