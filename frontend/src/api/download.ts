import { apiUrl, session } from './client'
import type { paths } from './schema'

type Query = Record<string, string | number | readonly string[] | undefined>

/** Saves what the API gives as a file, all its parts in one; rejects with an `ApiError`. */
export async function download(path: keyof paths, query: Query, name: string): Promise<void> {
  const parts: Blob[] = []
  let next: URLSearchParams | null = paramsOf(query)
  while (next !== null) {
    const answer: Response = await session.fetch(
      new Request(`${apiUrl(path.slice(1))}?${next}`, { credentials: 'include' }),
    )
    parts.push(await answer.blob())
    next = nextPart(answer.headers.get('link'))
  }
  const url = URL.createObjectURL(new Blob(parts))
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  link.click()
  URL.revokeObjectURL(url)
}

/** What to ask for the part after this one; null after the last. */
export function nextPart(link: string | null): URLSearchParams | null {
  const address = /<([^>]+)>;\s*rel="?next"?/.exec(link ?? '')?.[1]
  return address ? new URL(address, 'http://api').searchParams : null
}

/** A query as the API reads it: several values with commas, nothing for what is not given. */
export function paramsOf(query: Query): URLSearchParams {
  const given = Object.entries(query).map(([name, value]) => [name, value === undefined ? '' : String(value)] as const)
  return new URLSearchParams(given.filter(([, value]) => value !== '').map(([name, value]) => [name, value]))
}
