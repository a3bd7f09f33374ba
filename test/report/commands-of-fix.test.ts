import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { FixStep } from '../../src/model/fix.ts'
import { commandsOf } from '../../src/report/commands-of-fix.ts'
import { quote } from '../../src/report/quote.ts'
import { monitorRef } from './examinations.ts'

const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'observability', name: 'kps-grafana' }
const release = { namespace: 'inference', name: 'dyn', chart: 'dynamo-platform', version: '1.4.2' }

const rows: readonly (readonly [string, FixStep, string])[] = [
  [
    'labels alone have a command of their own',
    { do: 'patch', target: monitorRef, type: 'merge', patch: { metadata: { labels: { release: 'kps' } } } },
    'kubectl -n inference label servicemonitor dyn-dynamo-operator-operator release=kps --overwrite',
  ],
  [
    'a new dashboard',
    {
      do: 'dashboard',
      era: '1.0',
      target: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'boards', name: 'grafana-operator-dashboard' },
      key: 'board.json',
      label: { key: 'dash', value: 'yes' },
    },
    'dynamo-metrics dashboard export --era 1.0 --output configmap --namespace boards --label dash=yes | kubectl apply --server-side --field-manager=dynamo-metrics -f -',
  ],
  [
    'a dashboard in place of another',
    {
      do: 'dashboard',
      era: '1.0',
      target: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'boards', name: 'own' },
      key: 'board.json',
    },
    'dynamo-metrics dashboard apply',
  ],
  [
    'a label taken away',
    { do: 'patch', target: monitorRef, type: 'merge', patch: { metadata: { labels: { release: null } } } },
    'kubectl -n inference label servicemonitor dyn-dynamo-operator-operator release-',
  ],
  [
    'annotations likewise',
    { do: 'patch', target: monitorRef, type: 'merge', patch: { metadata: { annotations: { note: 'two words' } } } },
    "kubectl -n inference annotate servicemonitor dyn-dynamo-operator-operator 'note=two words' --overwrite",
  ],
  [
    'labels and something else are a patch',
    {
      do: 'patch',
      target: monitorRef,
      type: 'merge',
      patch: { metadata: { labels: { a: 'b' } }, spec: { paused: false } },
    },
    `kubectl -n inference patch servicemonitor dyn-dynamo-operator-operator --type merge -p '{"metadata":{"labels":{"a":"b"}},"spec":{"paused":false}}'`,
  ],
  [
    'a JSON patch',
    {
      do: 'patch',
      target: monitorRef,
      type: 'json',
      patch: [{ op: 'remove', path: '/spec/endpoints/0/bearerTokenFile' }],
    },
    `kubectl -n inference patch servicemonitor dyn-dynamo-operator-operator --type json -p '[{"op":"remove","path":"/spec/endpoints/0/bearerTokenFile"}]'`,
  ],
  [
    'a cluster-scoped object has no namespace',
    {
      do: 'patch',
      target: { apiVersion: 'v1', kind: 'Namespace', name: 'inference' },
      type: 'merge',
      patch: { metadata: { labels: { a: 'b' } } },
    },
    'kubectl label namespace inference a=b --overwrite',
  ],
  [
    'the group of a kind that others may have, too',
    {
      do: 'patch',
      target: { apiVersion: 'grafana.example/v1', kind: 'Dashboard', name: 'd', namespace: 'n' },
      type: 'merge',
      patch: { spec: {} },
    },
    `kubectl -n n patch dashboard.grafana.example d --type merge -p '{"spec":{}}'`,
  ],
  [
    'a restart',
    { do: 'rollout-restart', target: deployment },
    'kubectl -n observability rollout restart deployment/kps-grafana',
  ],
  [
    'a Helm value, in the type it has',
    { do: 'helm-upgrade', release, set: { 'metricsService.enabled': true, 'labels.a\\.b/c': 'true' } },
    `helm upgrade dyn dynamo-platform -n inference --version 1.4.2 --reset-then-reuse-values --set-json metricsService.enabled=true --set-json 'labels.a\\.b/c="true"' --rollback-on-failure --wait`,
  ],
  [
    'the same values once more',
    { do: 'helm-upgrade', release, set: {} },
    'helm upgrade dyn dynamo-platform -n inference --version 1.4.2 --reset-then-reuse-values --rollback-on-failure --wait',
  ],
  [
    'a told command is left as it is',
    { do: 'tell', text: 'Look', commands: ['kubectl get pods | head'] },
    'kubectl get pods | head',
  ],
]

describe('commandsOf', () => {
  it.each(rows)('%s', (_name, step, expected) => {
    expect(commandsOf({ steps: [step] }).commands).toEqual([expected])
  })

  it('applies a manifest from a here-document that gives back the very object', () => {
    const manifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'd' },
      data: { 'a.json': '{"title": "it\'s $HOME"}\n', b: 'EOF' },
    }
    const [command = ''] = commandsOf({ steps: [{ do: 'apply', manifest }] }).commands
    expect(command).toMatch(/^kubectl apply --server-side --field-manager=dynamo-metrics -f - <<'EOF'\n/)
    expect(parse(shell(command.replace(/^kubectl .* -f -/, 'cat')))).toEqual(manifest)
  })

  it('ends a here-document at its own delimiter only', () => {
    const manifest = { kind: 'ConfigMap', data: { text: 'one\nEOF\ntwo\n' } }
    const [command = ''] = commandsOf({ steps: [{ do: 'apply', manifest }] }).commands
    expect(parse(shell(command.replace(/^kubectl .* -f -/, 'cat')))).toEqual(manifest)
  })

  it('says where the reference of a chart comes from, once', () => {
    const step: FixStep = { do: 'helm-upgrade', release, set: {} }
    expect(commandsOf({ steps: [step, step] }).text).toEqual([
      expect.stringMatching(/repository\/dynamo-platform.* Helm 3 says --atomic/),
    ])
  })
})

describe('quote', () => {
  it('gives the shell back the same word', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), word => shell(`printf %s ${quote(word)}`) === word),
      { numRuns: 60 },
    )
  })
})

const shell = (command: string): string => execFileSync('sh', ['-c', command], { encoding: 'utf8' })
