import { beforeEach, describe, expect, it } from 'vitest'
import { newKeys, open, type PublicKey, publicHalf, seal } from './jose'
import { Session } from './session'

const BASE = 'https://app.example/api'
const TENANT = '0199c1f0-0000-7000-8000-000000000001'
const refused = (status: number, type: string) =>
  new Response(JSON.stringify({ type: `/problems/${type}`, status }), {
    status,
    headers: { 'content-type': 'application/problem+json' },
  })

/** An API whose tenant takes sealed requests only, and answers with what it opened. */
class SealedApi {
  seen: string[] = []
  kid = 'k1'
  private keys = newKeys()
  answer = (envelope: Record<string, string>) => ({ status: 200, body: JSON.stringify({ got: envelope.body }) })

  async rotate() {
    this.kid = 'k2'
    this.keys = newKeys()
  }

  send = async (request: Request): Promise<Response> => {
    const path = new URL(request.url).pathname.slice('/api'.length)
    this.seen.push(`${path}${request.cache === 'reload' ? ' anew' : ''}`)
    if (path === '/auth/refresh') return Response.json({ csrf_token: 'c', tenant_id: TENANT })
    const own = await this.keys
    if (path === '/.well-known/jwks.json')
      return Response.json({ keys: [{ ...(await publicHalf(own)), kid: this.kid }] })
    const text = await request.text()
    const jwe =
      request.headers.get('content-type') === 'application/jose' ? text : request.headers.get('sealed-request')
    if (!jwe) return refused(403, 'sealing-required')
    const { kid } = JSON.parse(atob(jwe.split('.')[0] ?? ''))
    if (kid !== this.kid) return refused(400, 'cannot-be-opened')
    const envelope = JSON.parse(await open(jwe, own))
    const to: PublicKey = { ...envelope.reply_to, kid: '' }
    const reply = JSON.stringify({ v: 1, jti: envelope.jti, ...this.answer(envelope) })
    this.seen.push(`${envelope.method} ${envelope.path} of ${envelope.tenant}`)
    return new Response(await seal(reply, to), { headers: { 'content-type': 'application/jose', 'x-request-id': 'r' } })
  }
}

describe('a session of a tenant that takes sealed requests only', () => {
  let api: SealedApi
  let session: Session

  beforeEach(() => {
    api = new SealedApi()
    session = new Session(
      (request) => api.send(request),
      BASE,
      () => {},
    )
  })

  const post = (body = '{"a":1}') => session.fetch(new Request(`${BASE}/incidents?limit=5`, { method: 'POST', body }))
  const get = () => session.fetch(new Request(`${BASE}/incidents`))
  const signIn = () => session.take({ csrf_token: 'c', tenant_id: TENANT })

  it('seals what was refused for being plain, and from then on everything', async () => {
    signIn()
    const answer = await post()
    expect(await answer.json()).toEqual({ got: '{"a":1}' })
    expect(answer.headers.get('x-request-id')).toBe('r')
    await get()
    expect(api.seen).toEqual([
      '/incidents',
      '/.well-known/jwks.json',
      '/incidents',
      `POST /api/incidents?limit=5 of ${TENANT}`,
      '/incidents',
      `GET /api/incidents of ${TENANT}`,
    ])
  })

  it('asks whose session it is where nobody has said, as after a reload', async () => {
    expect((await get()).ok).toBe(true)
    expect(api.seen).toContain('/auth/refresh')
  })

  it('leaves signing in plain', async () => {
    signIn()
    await get()
    await session.fetch(new Request(`${BASE}/auth/refresh`, { method: 'POST' }))
    expect(api.seen.at(-1)).toBe('/auth/refresh')
  })

  it('reads errors and empty answers as if they were plain', async () => {
    signIn()
    api.answer = () => ({ status: 204, body: '' })
    expect(await (await get()).text()).toBe('')
    api.answer = () => ({ status: 404, body: JSON.stringify({ type: '/problems/incident-not-found', title: 'None' }) })
    await expect(get()).rejects.toMatchObject({ status: 404, problem: { title: 'None' } })
  })

  it('carries a megabyte and any character', async () => {
    signIn()
    const body = JSON.stringify({ note: `Zürich 🚒 ${'x'.repeat(1_000_000)}` })
    expect(await (await post(body)).json()).toEqual({ got: body })
  })

  it('fetches the keys anew when the one it knows is no longer taken', async () => {
    signIn()
    await get()
    await api.rotate()
    expect((await get()).ok).toBe(true)
    expect(api.seen).toContain('/.well-known/jwks.json anew')
  })

  it('takes no plain answer any more', async () => {
    signIn()
    await get()
    api.send = async () => Response.json({ forged: true })
    await expect(get()).rejects.toMatchObject({ status: 0 })
  })

  it('begins plain for another tenant', async () => {
    signIn()
    await get()
    session.take({ csrf_token: 'c', tenant_id: 'another' })
    api.seen.length = 0
    await get()
    expect(api.seen[0]).toBe('/incidents')
    expect(api.seen).toHaveLength(4)
  })
})

it('opens nothing that was altered or is for somebody else', async () => {
  const [ours, theirs] = [await newKeys(), await newKeys()]
  const jwe = await seal('secret', { ...(await publicHalf(ours)), kid: 'k' })
  expect(await open(jwe, ours)).toBe('secret')
  await expect(open(jwe, theirs)).rejects.toThrow()
  const parts = jwe.split('.')
  const altered = [...parts.slice(0, 3), `A${(parts[3] ?? '').slice(1)}`, parts[4]].join('.')
  await expect(altered === jwe ? Promise.reject(new Error('alike')) : open(altered, ours)).rejects.toThrow()
})
