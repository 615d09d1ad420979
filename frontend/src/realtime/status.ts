/**
 * How live the page is. `connecting` before the first connection; `live` while events arrive; `recovering` while they do
 * not and we try; `offline` while the machine has no network.
 */
export type Status = 'connecting' | 'live' | 'recovering' | 'offline'

/** The status from what is known: the browser's word on the network, an open socket, and whether there ever was one. */
export function statusOf(known: { online: boolean; open: boolean; everOpen: boolean }): Status {
  if (known.open) return 'live'
  if (!known.online) return 'offline'
  return known.everOpen ? 'recovering' : 'connecting'
}
