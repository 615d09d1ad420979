/** The token of a link that was sent by e-mail: `#token=…`. The fragment never reaches a server. */
export function tokenOf(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token')
}

/** A path of this site, to go to after sign-in; nothing for what would lead elsewhere. */
export function ownPath(next: unknown): string {
  if (typeof next !== 'string' || !next.startsWith('/')) return ''
  const origin = 'https://own.invalid'
  const url = new URL(next, origin)
  return url.origin === origin ? url.pathname + url.search + url.hash : ''
}
