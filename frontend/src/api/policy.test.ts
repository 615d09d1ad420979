import { expect, test } from 'vitest'
import served from '../../public/staticwebapp.config.json?raw'
import { allowingApi, demandApi } from './policy'

const policyOf = (headers: string): string => JSON.parse(headers).globalHeaders['Content-Security-Policy']

test('an API of another origin may be called', () => {
  const policy = policyOf(allowingApi(served, 'https://api.example.com/api'))
  expect(policy).toContain("connect-src 'self' https://api.example.com https://*.webpubsub.azure.com")
})

test.each([undefined, '', '/api'])('an API of the same origin needs nothing: %s', (apiUrl) => {
  expect(allowingApi(served, apiUrl)).toBe(served)
})

test('a policy without a place for it is no policy to build with', () => {
  expect(() => allowingApi('{}', 'https://api.example.com/api')).toThrow('connect-src')
})

test.each([undefined, ''])('an environment of Azure without an API is not built for: %s', (apiUrl) => {
  expect(() => demandApi({ AZURE_ENV_NAME: 'sre-copilot-prod', VITE_API_URL: apiUrl })).toThrow('sre-copilot-prod')
})

test.each([
  ['elsewhere', {}],
  ['with its API', { AZURE_ENV_NAME: 'sre-copilot-prod', VITE_API_URL: 'https://api.example.com/api' }],
])('%s it is', (_, environment) => {
  expect(() => demandApi(environment)).not.toThrow()
})
