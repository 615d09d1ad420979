import { ApiError, errorOf } from './problem'
import type { Sealing } from './sealing'
import { Turns } from './turns'

type Send = (request: Request) => Promise<Response>

const TOO_MANY = 429
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
// These are answered 401 for other reasons than an access token that has run out, and may always be plain.
const WITHOUT_SESSION = /\/auth\/(login|register|refresh|password\/(forgot|reset))$|\/invitations\/accept$/

/** What an answer says of who is signed in, as far as requests need it. */
type Identity = { csrf_token: string | null; tenant_id: string | null }

/**
 * What a signed-in browser needs beside its cookies: the CSRF token, the trade of an old session for a new one, and
 * sealed requests where the tenant takes no others.
 */
export class Session {
  private csrf: string | null = null
  private tenant: string | null = null
  private refreshing: Promise<boolean> | null = null
  /** Null until a plain request has been refused: few tenants need it, so it is loaded for them alone. */
  private sealing: Promise<Sealing> | null = null
  private readonly turns = new Turns()

  constructor(
    private readonly send: Send,
    private readonly base: string,
    private readonly onEnd: () => void,
    /** Runs one at a time across all tabs, which share the refresh cookie. */
    private readonly alone: <T>(job: () => Promise<T>) => Promise<T> = (job) => job(),
  ) {}

  /** Takes what sign-in, refresh and `auth/me` answer with; null when nobody is signed in any more. */
  take(identity: Identity | null): void {
    const tenant = identity?.tenant_id ?? null
    if (this.tenant !== null && tenant !== this.tenant) this.sealing = null
    this.tenant = tenant
    this.csrf = identity?.csrf_token ?? null
  }

  /**
   * Sends a request as the person signed in. An access token that has run out is renewed once, and the request repeated;
   * so is a request that was one too many, for it was not carried out.
   * Rejects with an `ApiError` for every answer that is an error, and for none at all.
   */
  fetch = async (request: Request): Promise<Response> => {
    const response = await this.patiently(() => this.admitted(request.clone()), request.signal)
    if (response.ok || response.status === 304) return response
    throw await errorOf(response)
  }

  /** Asks once more where the answer says that it was too soon, unless that would be long. */
  private async patiently(ask: () => Promise<Response>, signal?: AbortSignal): Promise<Response> {
    const response = await ask()
    if (response.status !== TOO_MANY) return response
    const wait = this.turns.take((await errorOf(response.clone())).retryAfter, Date.now())
    if (wait === null) return response
    await new Promise((resolve) => setTimeout(resolve, wait))
    signal?.throwIfAborted()
    return await ask()
  }

  private async admitted(request: Request): Promise<Response> {
    const again = request.clone()
    const response = await this.deliver(request)
    if (response.status !== 401 || !needsSession(request)) return response
    const answer = (await this.renew()) ? await this.deliver(again) : response
    if (answer.status === 401) this.onEnd()
    return answer
  }

  private async deliver(request: Request): Promise<Response> {
    if (this.csrf !== null && !SAFE.has(request.method)) request.headers.set('X-CSRF-Token', this.csrf)
    try {
      if (this.sealing !== null && needsSession(request)) return await this.sealed(request)
      const again = request.clone()
      const response = await this.send(request)
      if (response.status !== 403 || !(await errorOf(response.clone())).is('sealing-required')) return response
      this.sealing ??= this.newSealing().catch((error) => {
        this.sealing = null
        throw error
      })
      return await this.sealed(again)
    } catch (error) {
      if (error instanceof ApiError || (error instanceof DOMException && error.name === 'AbortError')) throw error
      throw new ApiError(0, {})
    }
  }

  private async sealed(request: Request): Promise<Response> {
    // After a reload nobody has said yet whose session it is; the answer that renews it does.
    if (this.tenant === null) await this.renew()
    const sealing = await this.sealing
    if (this.tenant === null || sealing === null) throw new ApiError(401, {})
    return await sealing.deliver(request, this.tenant)
  }

  private async newSealing(): Promise<Sealing> {
    const { Sealing } = await import('./sealing')
    return new Sealing(this.send, `${this.base}/.well-known/jwks.json`)
  }

  /** Whether there is a new session; callers at the same time share one try. */
  private renew(): Promise<boolean> {
    this.refreshing ??= this.alone(async () => {
      const response = await this.patiently(() =>
        this.send(new Request(`${this.base}/auth/refresh`, { method: 'POST', credentials: 'include' })),
      )
      if (response.ok) this.take(await response.json())
      else if (response.status !== 401) throw await errorOf(response)
      return response.ok
    }).finally(() => {
      this.refreshing = null
    })
    return this.refreshing
  }
}

const needsSession = (request: Request) => !WITHOUT_SESSION.test(new URL(request.url).pathname)
