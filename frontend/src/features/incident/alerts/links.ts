import type { Model } from '@/api'

export type LinkName = 'generator' | 'dashboard' | 'panel' | 'silence' | 'runbook'
export type AlertLink = { name: LinkName; href: string }

const ANNOTATIONS: [LinkName, readonly string[]][] = [
  ['dashboard', ['dashboard_url', 'dashboardURL', 'dashboard']],
  ['panel', ['panel_url', 'panelURL']],
  ['silence', ['silence_url', 'silenceURL']],
  ['runbook', ['runbook_url', 'runbook']],
]

/** Where an alert leads: its source and what its annotations name. Only web addresses, since anybody may send alerts. */
export function linksOf({ generator_url, annotations }: Pick<Model<'AlertOut'>, 'generator_url' | 'annotations'>) {
  const candidates: [LinkName, (string | undefined)[]][] = [
    ['generator', [generator_url]],
    ...ANNOTATIONS.map(([name, keys]): [LinkName, (string | undefined)[]] => [
      name,
      keys.map((key) => annotations[key]),
    ]),
  ]
  return candidates.flatMap(([name, urls]): AlertLink[] => {
    const href = urls.find(isWebAddress)
    return href ? [{ name, href }] : []
  })
}

/** Whether it is an address of http or https. */
export function isWebAddress(text: string | undefined): text is string {
  if (!text) return false
  try {
    return ['http:', 'https:'].includes(new URL(text).protocol)
  } catch {
    return false
  }
}
