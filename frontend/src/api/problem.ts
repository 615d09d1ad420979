import { text } from '@/text'

/** What is wrong with one field of what was sent. */
export type FieldError = { field: string; message: string }

/** The body of an error by RFC 9457, as far as the app looks at it. */
export type Problem = {
  type?: string
  title?: string
  status?: number
  detail?: string
  errors?: FieldError[]
  allowed?: string[]
}

/** An answer that is not what was asked for; `status` 0 means that no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
    readonly requestId: string | null = null,
    /** Seconds. */
    readonly retryAfter: number | null = null,
  ) {
    super(problem.title ?? `HTTP ${status}`)
    this.name = 'ApiError'
  }

  /** Whether this is the problem of a name such as `stale-version`. */
  is(name: string): boolean {
    return this.problem.type === `/problems/${name}`
  }
}

/** The error that an answer tells; whatever is between us and the API may answer something that is no problem+json. */
export async function errorOf(response: Response): Promise<ApiError> {
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json')
  const problem: Problem = isProblem ? await response.json().catch(() => ({})) : {}
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return new ApiError(
    response.status,
    problem,
    response.headers.get('x-request-id'),
    Number.isFinite(seconds) ? seconds : null,
  )
}

/** What to tell a person: `title` what happened, `advice` what to do about it. */
export type Words = { title: string; advice: string; requestId: string | null }

/** An error in human words. The server's own sentence is kept where it says more than the status does. */
export function wordsOf(error: unknown): Words {
  if (!(error instanceof ApiError)) return { ...text.problems.unknown, requestId: null }
  const { status, problem, requestId, retryAfter } = error
  const known = text.problems.byStatus[status] ?? (status >= 500 ? text.problems.server : text.problems.unknown)
  const says = status > 0 && status < 500
  const fields = (problem.errors ?? []).map(({ field, message }) => `${field}: ${message}`).join('\n')
  const wait = retryAfter !== null && status !== 409 ? text.problems.waitFor(retryAfter) : ''
  return {
    title: (says && problem.title) || known.title,
    advice: fields || (says && problem.detail) || wait || known.advice,
    requestId,
  }
}

/** The messages of a refused form by field, for the form to show beside its inputs. */
export function fieldErrors(error: unknown): Record<string, string> {
  const errors = error instanceof ApiError ? (error.problem.errors ?? []) : []
  return Object.fromEntries(errors.map(({ field, message }) => [field.replace(/^body\./, ''), message]))
}
