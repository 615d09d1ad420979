import type { Model } from '@/api'

export type Kind = Model<'IntegrationKind'>

/** Something to paste: `file` names where it belongs. */
export type Paste = { file: string; code: string }

/** What makes a sender post here; `url` is the whole address of the webhook. */
export const pastesFor = (kind: Kind, url: string, token: string): Paste[] => PASTES[kind](url, token)

const PASTES: Record<Kind, (url: string, token: string) => Paste[]> = {
  alertmanager: (url, token) => [
    {
      file: 'alertmanager.yml',
      code: `route:
  receiver: sre-copilot
  group_by: [alertname, service]

receivers:
  - name: sre-copilot
    webhook_configs:
      - url: ${url}
        send_resolved: true
        max_alerts: 0
        http_config:
          authorization:
            type: Bearer
            credentials: ${token}`,
    },
  ],
  prometheus: (url, token) => [
    {
      file: 'prometheus.yml',
      code: `alerting:
  alertmanagers:
    - scheme: ${new URL(url).protocol.replace(':', '')}
      path_prefix: ${new URL(url).pathname.replace(/\/api\/v2\/alerts$/, '')}
      api_version: v2
      authorization:
        type: Bearer
        credentials: ${token}
      static_configs:
        - targets: ["${hostOf(url)}"]`,
    },
  ],
  grafana: (url, token) => [
    {
      file: 'provisioning/alerting/sre-copilot.yaml',
      code: `apiVersion: 1
contactPoints:
  - orgId: 1
    name: SRE Copilot
    receivers:
      - uid: sre-copilot
        type: webhook
        disableResolveMessage: false
        settings:
          url: ${url}
          httpMethod: POST
          authorization_scheme: Bearer
          authorization_credentials: ${token}`,
    },
  ],
  generic: (url, token) => [
    {
      file: 'curl',
      code: curl(url, token, {
        name: 'HighErrorRate',
        status: 'firing',
        severity: 'critical',
        service: 'checkout',
        title: '5xx ratio of checkout is 12 %',
      }),
    },
  ],
  changes: (url, token) => [
    {
      file: 'GitHub Actions',
      code: `- name: Tell SRE Copilot of the deploy
  if: success()
  env:
    TOKEN: \${{ secrets.SRE_COPILOT_TOKEN }}
  run: |
    curl -sS --fail-with-body ${url} \\
      -H "Authorization: Bearer $TOKEN" \\
      -H 'Content-Type: application/json' \\
      -d "{\\"id\\": \\"$GITHUB_RUN_ID\\", \\"at\\": \\"$(date -u +%FT%TZ)\\", \\"kind\\": \\"deploy\\",
           \\"component\\": \\"checkout\\", \\"title\\": \\"Deploy $GITHUB_SHA\\"}"`,
    },
    {
      file: 'curl',
      code: curl(url, token, {
        id: 'deploy-4711',
        at: '2026-01-31T12:00:00Z',
        kind: 'deploy',
        component: 'checkout',
        title: 'checkout 2.4.1',
        detail: 'commit 3f2a1bc',
      }),
    },
  ],
}

const curl = (url: string, token: string, body: unknown) => `curl -sS ${url} \\
  -H 'Authorization: Bearer ${token}' \\
  -H 'Content-Type: application/json' \\
  -d '${JSON.stringify(body, null, 2).replaceAll('\n', '\n      ')}'`

/** With the port, also the one that goes without saying: Prometheus asks for it. */
function hostOf(url: string): string {
  const { protocol, hostname, port } = new URL(url)
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
}
