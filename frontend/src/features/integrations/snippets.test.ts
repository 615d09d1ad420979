import { expect, test } from 'vitest'
import { type Kind, pastesFor } from './snippets'

const KINDS: Kind[] = ['alertmanager', 'changes', 'generic', 'grafana', 'prometheus']

test.each(KINDS)('%s is told the address, and the token or where it is kept', (kind) => {
  for (const { code } of pastesFor(kind, 'https://sre.example.com/api/webhooks/x', 'TOKEN-4711')) {
    expect(code).toContain('sre.example.com')
    expect(code).toMatch(/TOKEN-4711|\$TOKEN/)
  }
})

test('Prometheus is told the parts of the address, with the port and without its own path', () => {
  const [paste] = pastesFor('prometheus', 'https://sre.example.com/api/webhooks/prometheus/api/v2/alerts', 'T')
  expect(paste?.code).toContain('path_prefix: /api/webhooks/prometheus\n')
  expect(paste?.code).toContain('targets: ["sre.example.com:443"]')
  expect(paste?.code).toContain('scheme: https')
})

test('a body in a command has no quote that would end it', () => {
  for (const kind of ['generic', 'changes'] as const) {
    for (const { file, code } of pastesFor(kind, 'http://127.0.0.1:7071/api/webhooks/x', 'T')) {
      if (file === 'curl') expect(code.split("'").length % 2).toBe(1)
    }
  }
})
