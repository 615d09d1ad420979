/** A value of a change in one line of words; what has parts is JSON, and nothing is a dash. */
export function said(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** The name of an operation or event as people read it: `incident.updated` is "Incident updated". */
export function actionName(action: string): string {
  const words = action.replaceAll(/[._]/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
