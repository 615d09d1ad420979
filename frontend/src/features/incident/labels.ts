/** A label while it is edited; `key` tells it from others of the same name. */
export type LabelRow = { key: number; name: string; value: string }

export const rowsOf = (labels: Record<string, string>): LabelRow[] =>
  Object.entries(labels).map(([name, value], key) => ({ key, name, value }))

/** The labels that were typed; rows without a name are none, and of one name the last counts. */
export const labelsOf = (rows: readonly LabelRow[]): Record<string, string> =>
  Object.fromEntries(rows.flatMap(({ name, value }) => (name.trim() ? [[name.trim(), value.trim()]] : [])))

/** A row more, with a key that none has. */
export const withOneMore = (rows: readonly LabelRow[]): LabelRow[] => [
  ...rows,
  { key: Math.max(-1, ...rows.map(({ key }) => key)) + 1, name: '', value: '' },
]
