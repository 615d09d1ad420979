import { base64url, newKeys, open, type PublicKey, publicHalf, seal } from './jose'
import { ApiError, errorOf } from './problem'

type Send = (request: Request) => Promise<Response>

const MEDIA_TYPE = 'application/jose'
const HEADER = 'Sealed-Request' // where the API looks for what is sealed of a request without a body
const WITHOUT_BODY = new Set([204, 304])

/**
 * Sends requests sealed to the API's key, and opens the answers, which are sealed for a key of this page's own. Each
 * request is bound to its method, address and tenant, to the minute, and to being sent once.
 */
export class Sealing {
  private own: Promise<CryptoKeyPair> | null = null
  private theirs: Promise<PublicKey> | null = null

  constructor(
    private readonly send: Send,
    private readonly keysUrl: string,
  ) {}

  /** The answer as if nothing were sealed. Rejects with an `ApiError` where the answer cannot be what was asked for. */
  async deliver(request: Request, tenant: string): Promise<Response> {
    const again = request.clone()
    const theirs = await this.theirKey('default')
    const answer = await this.exchange(request, tenant, theirs)
    if (answer.status !== 400 || !(await errorOf(answer.clone())).is('cannot-be-opened')) return answer
    // The key may have been changed since it was fetched.
    const newer = await this.theirKey('reload')
    return newer.kid === theirs.kid ? answer : await this.exchange(again, tenant, newer)
  }

  private async exchange(request: Request, tenant: string, theirs: PublicKey): Promise<Response> {
    this.own ??= newKeys()
    const own = await this.own
    const { method, headers, credentials, keepalive, signal } = request
    const { pathname, search } = new URL(request.url)
    const jti = base64url(crypto.getRandomValues(new Uint8Array(16)))
    const iat = Math.floor(Date.now() / 1000)
    const body = await request.text()
    const envelope = { v: 1, method, path: pathname + search, tenant, iat, jti, body, reply_to: await publicHalf(own) }
    const jwe = await seal(JSON.stringify(envelope), theirs)
    const sent = new Headers(headers)
    sent.set(body ? 'Content-Type' : HEADER, body ? MEDIA_TYPE : jwe)
    const answer = await this.send(
      // Kept by the browser, an answer would be of no use: what it is sealed for ends with the page.
      new Request(request.url, {
        method,
        headers: sent,
        credentials,
        keepalive,
        signal,
        cache: 'no-store',
        ...(body ? { body: jwe } : {}),
      }),
    )
    return await opened(answer, own, jti)
  }

  private theirKey(cache: RequestCache): Promise<PublicKey> {
    if (cache === 'reload') this.theirs = null
    this.theirs ??= this.fetchKey(cache).catch((error) => {
      this.theirs = null
      throw error
    })
    return this.theirs
  }

  private async fetchKey(cache: RequestCache): Promise<PublicKey> {
    const answer = await this.send(new Request(this.keysUrl, { cache }))
    if (!answer.ok) throw await errorOf(answer)
    const { keys } = (await answer.json()) as { keys: PublicKey[] }
    if (!keys[0]) throw new ApiError(0, {})
    return keys[0]
  }
}

/** What an answer was before it was sealed. Refusals may be plain, for they come from whoever could not open it. */
async function opened(answer: Response, own: CryptoKeyPair, asked: string): Promise<Response> {
  if (answer.headers.get('content-type')?.startsWith(MEDIA_TYPE) !== true) {
    if (answer.ok) throw new ApiError(0, {})
    return answer
  }
  const { jti, status, body } = JSON.parse(await open(await answer.text(), own)) as Reply
  if (jti !== asked) throw new ApiError(0, {})
  const headers = new Headers(answer.headers)
  headers.set('Content-Type', status >= 400 ? 'application/problem+json' : 'application/json')
  headers.delete('Content-Length')
  return new Response(WITHOUT_BODY.has(status) ? null : body, { status, headers })
}

type Reply = { jti: string; status: number; body: string }
