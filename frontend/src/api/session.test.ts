import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from './problem'
import { Session } from './session'

const BASE = 'https://app.example/api'

type Seen = { path: string; method: string; csrf: string | null; body: string }

const problem = (status: number, body: object = {}, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json', ...headers } })

describe('a session', () => {
  let seen: Seen[]
  let answers: Record<string, Response[]>
  let ends: number
  let session: Session

  beforeEach(() => {
    seen = []
    answers = {}
    ends = 0
    const send = async (request: Request) => {
      const path = new URL(request.url).pathname.slice('/api'.length)
      const csrf = request.headers.get('X-CSRF-Token')
      seen.push({ path, method: request.method, csrf, body: await request.text() })
      return answers[path]?.shift() ?? new Response('{}')
    }
    session = new Session(send, BASE, () => ends++)
  })

  const post = (path: string, body = '{"a":1}') => session.fetch(new Request(BASE + path, { method: 'POST', body }))
  const refreshed = () => new Response(JSON.stringify({ csrf_token: 'new' }))
  const paths = () => seen.map(({ path }) => path)

  it('shows the CSRF token with what it writes and never with what it reads', async () => {
    session.take({ csrf_token: 'c1', tenant_id: 't1' })
    await post('/incidents')
    await session.fetch(new Request(`${BASE}/incidents`))
    expect(seen.map(({ csrf }) => csrf)).toEqual(['c1', null])
  })

  it('renews an access token that has run out, and repeats the request with its body', async () => {
    session.take({ csrf_token: 'old', tenant_id: 't1' })
    answers = { '/incidents': [problem(401)], '/auth/refresh': [refreshed()] }
    const response = await post('/incidents')
    expect(response.ok).toBe(true)
    expect(paths()).toEqual(['/incidents', '/auth/refresh', '/incidents'])
    expect(seen.at(-1)).toEqual({ path: '/incidents', method: 'POST', csrf: 'new', body: '{"a":1}' })
  })

  it('renews once for all requests that fail at the same time', async () => {
    answers = { '/a': [problem(401)], '/b': [problem(401)], '/c': [problem(401)], '/auth/refresh': [refreshed()] }
    await Promise.all(['/a', '/b', '/c'].map((path) => post(path)))
    expect(paths().filter((path) => path === '/auth/refresh')).toHaveLength(1)
  })

  describe('that asks too often', () => {
    beforeEach(() => void vi.useFakeTimers())
    afterEach(() => void vi.useRealTimers())

    const tooMany = (seconds: number) => problem(429, { title: 'Too many requests.' }, { 'retry-after': `${seconds}` })

    it.each(['GET', 'POST'])('waits as long as it is told, and repeats a %s once', async (method) => {
      answers = { '/a': [tooMany(3)] }
      const body = method === 'POST' ? '{"a":1}' : null
      const answer = session.fetch(new Request(`${BASE}/a`, { method, body }))
      await vi.advanceTimersByTimeAsync(2_900)
      expect(seen).toHaveLength(1)
      await vi.advanceTimersByTimeAsync(200)
      expect((await answer).ok).toBe(true)
      expect(seen.map((one) => one.body)).toEqual([body ?? '', body ?? ''])
    })

    it('says so when it is still too often', async () => {
      answers = { '/a': [tooMany(1), tooMany(2)] }
      const failure = post('/a').catch((error) => error)
      await vi.advanceTimersByTimeAsync(30_000)
      expect(await failure).toMatchObject({ status: 429, retryAfter: 2 })
      expect(seen).toHaveLength(2)
    })

    it('says so at once where the wait would be long', async () => {
      answers = { '/a': [tooMany(60)] }
      await expect(post('/a')).rejects.toMatchObject({ status: 429, retryAfter: 60 })
      expect(seen).toHaveLength(1)
    })

    it('repeats one after another, for together they would be too many again', async () => {
      answers = { '/a': [tooMany(1)], '/b': [tooMany(1)], '/c': [tooMany(1)] }
      const all = Promise.all(['/a', '/b', '/c'].map((path) => post(path)))
      await vi.advanceTimersByTimeAsync(1_100)
      expect(seen).toHaveLength(4)
      await vi.advanceTimersByTimeAsync(1_200)
      expect(await all).toHaveLength(3)
    })

    it('does not repeat what is no longer wanted', async () => {
      answers = { '/a': [tooMany(1)] }
      const unwanted = new AbortController()
      const failure = session.fetch(new Request(`${BASE}/a`, { signal: unwanted.signal })).catch((error) => error)
      await vi.advanceTimersByTimeAsync(500)
      unwanted.abort()
      await vi.advanceTimersByTimeAsync(1_000)
      expect(await failure).toMatchObject({ name: 'AbortError' })
      expect(seen).toHaveLength(1)
    })

    it('waits for the renewal of the session, too', async () => {
      answers = { '/a': [problem(401)], '/auth/refresh': [tooMany(2), refreshed()] }
      const answer = post('/a')
      await vi.advanceTimersByTimeAsync(3_000)
      expect((await answer).ok).toBe(true)
      expect(paths()).toEqual(['/a', '/auth/refresh', '/auth/refresh', '/a'])
    })
  })

  it('ends when it cannot be renewed', async () => {
    answers = { '/a': [problem(401)], '/auth/refresh': [problem(401)] }
    await expect(post('/a')).rejects.toMatchObject({ status: 401 })
    expect([paths(), ends]).toEqual([['/a', '/auth/refresh'], 1])
  })

  it('repeats a request once only', async () => {
    answers = { '/a': [problem(401), problem(401)], '/auth/refresh': [refreshed()] }
    await expect(post('/a')).rejects.toBeInstanceOf(ApiError)
    expect(paths()).toEqual(['/a', '/auth/refresh', '/a'])
  })

  it('does not take a refresh that fails otherwise for the end', async () => {
    answers = { '/a': [problem(401)], '/auth/refresh': [problem(503)] }
    await expect(post('/a')).rejects.toMatchObject({ status: 503 })
    expect(ends).toBe(0)
  })

  it.each(['/auth/login', '/auth/register', '/invitations/accept', '/auth/password/reset'])(
    'takes a 401 of %s for what it says',
    async (path) => {
      answers = { [path]: [problem(401, { title: 'Wrong' })] }
      await expect(post(path)).rejects.toMatchObject({ status: 401, problem: { title: 'Wrong' } })
      expect([paths(), ends]).toEqual([[path], 0])
    },
  )

  it('rejects with what the problem says', async () => {
    const body = { type: '/problems/stale-version', title: 'Changed meanwhile', errors: [{ field: 'a', message: 'b' }] }
    answers = { '/a': [problem(412, body, { 'x-request-id': 'r1', 'retry-after': '3' })] }
    const error = await post('/a').catch((failure) => failure)
    expect(error).toMatchObject({ status: 412, problem: body, requestId: 'r1', retryAfter: 3 })
    expect(error.is('stale-version')).toBe(true)
  })

  it('rejects in the same way when no answer comes', async () => {
    const silent = new Session(vi.fn().mockRejectedValue(new TypeError('Failed to fetch')), BASE, () => {})
    await expect(silent.fetch(new Request(`${BASE}/a`))).rejects.toMatchObject({ status: 0 })
  })

  it('lets a request that is no longer wanted go', async () => {
    const gone = new Session(vi.fn().mockRejectedValue(new DOMException('gone', 'AbortError')), BASE, () => {})
    await expect(gone.fetch(new Request(`${BASE}/a`))).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('understands an answer that something between us and the API gave', async () => {
    answers = { '/a': [new Response('<html>Bad gateway</html>', { status: 502 })] }
    await expect(post('/a')).rejects.toMatchObject({ status: 502, problem: {} })
  })
})
