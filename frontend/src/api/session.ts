import { ApiError, errorOf } from './problem'

type Send = (request: Request) => Promise<Response>

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
// These are answered 401 for other reasons than an access token that has run out.
const WITHOUT_SESSION = /\/auth\/(login|register|refresh|password\/(forgot|reset))$|\/invitations\/accept$/

/** What a signed-in browser needs beside its cookies: the CSRF token, and the trade of an old session for a new one. */
export class Session {
  private csrf: string | null = null
  private refreshing: Promise<boolean> | null = null

  constructor(
    private readonly send: Send,
    private readonly base: string,
    private readonly onEnd: () => void,
    /** Runs one at a time across all tabs, which share the refresh cookie. */
    private readonly alone: <T>(job: () => Promise<T>) => Promise<T> = (job) => job(),
  ) {}

  /** Takes the token that sign-in, refresh and `auth/me` answer with. */
  take(csrfToken: string | null): void {
    this.csrf = csrfToken
  }

  /**
   * Sends a request as the person signed in. An access token that has run out is renewed once, and the request repeated.
   * Rejects with an `ApiError` for every answer that is an error, and for none at all.
   */
  fetch = async (request: Request): Promise<Response> => {
    const again = request.clone()
    let response = await this.deliver(request)
    const mayRenew = response.status === 401 && !WITHOUT_SESSION.test(new URL(request.url).pathname)
    if (mayRenew && (await this.renew())) response = await this.deliver(again)
    if (response.ok || response.status === 304) return response
    if (mayRenew && response.status === 401) this.onEnd()
    throw await errorOf(response)
  }

  private async deliver(request: Request): Promise<Response> {
    if (this.csrf !== null && !SAFE.has(request.method)) request.headers.set('X-CSRF-Token', this.csrf)
    try {
      return await this.send(request)
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error
      throw new ApiError(0, {})
    }
  }

  /** Whether there is a new session; callers at the same time share one try. */
  private renew(): Promise<boolean> {
    this.refreshing ??= this.alone(async () => {
      const response = await this.send(
        new Request(`${this.base}/auth/refresh`, { method: 'POST', credentials: 'include' }),
      )
      if (response.ok) this.take((await response.json()).csrf_token)
      else if (response.status !== 401) throw await errorOf(response)
      return response.ok
    }).finally(() => {
      this.refreshing = null
    })
    return this.refreshing
  }
}
