import { expect, test } from 'vitest'
import { linksOf } from './links'

test('an alert leads to its source and to what its annotations name', () => {
  const annotations = { runbook_url: 'https://wiki.example.com/pool', dashboard_url: 'https://grafana.example.com/d/1' }
  expect(linksOf({ generator_url: 'http://prometheus.example.com/graph', annotations })).toEqual([
    { name: 'generator', href: 'http://prometheus.example.com/graph' },
    { name: 'dashboard', href: 'https://grafana.example.com/d/1' },
    { name: 'runbook', href: 'https://wiki.example.com/pool' },
  ])
})

test.each(['', '/graph', 'javascript:alert(1)', 'data:text/html,x', 'see the wiki'])('%j is no link', (runbook) => {
  expect(linksOf({ generator_url: runbook, annotations: { runbook } })).toEqual([])
})
