import { describe, expect, it } from 'vitest'
import { isDynamoOperator, isMetricsService } from '../../src/dynamo/recognise.ts'
import { manager, podLabels, service, workload } from './workloads.ts'

const unlabelled = { 'app.kubernetes.io/part-of': '', 'control-plane': '' }

describe('isDynamoOperator', () => {
  it.each([
    ['the chart’s labels', workload({ containers: [manager('mirror.local/built:abc')] }), true],
    ['upstream’s image without labels', workload({ labels: unlabelled }), true],
    [
      'the image of upstream by digest',
      workload({ labels: unlabelled, containers: [manager('x:5000/ai-dynamo/kubernetes-operator@sha256:00')] }),
      true,
    ],
    [
      'a copy named dynamo-operator',
      workload({ labels: unlabelled, containers: [manager('x:5000/dynamo-operator:v1')] }),
      true,
    ],
    [
      'another operator of the same words',
      workload({ labels: unlabelled, containers: [manager('x/other/kubernetes-operator:1')] }),
      false,
    ],
    [
      'another controller-manager',
      workload({ labels: { 'app.kubernetes.io/part-of': 'grove' }, containers: [manager('x/grove:1')] }),
      false,
    ],
    [
      'a part of Dynamo that is no controller',
      workload({ labels: { 'control-plane': 'x' }, containers: [manager('x/nats:1')] }),
      false,
    ],
  ])('%s', (_, given, wanted) => {
    expect(isDynamoOperator(given)).toBe(wanted)
  })
})

describe('isMetricsService', () => {
  const webhook = { selector: podLabels, ports: [{ name: 'webhook', port: 443, targetPort: 9443 }] }
  it.each([
    ['as the chart renders it', service(), true],
    ['its label control-plane was taken away', service({ labels: { 'app.kubernetes.io/instance': 'dyn' } }), true],
    [
      'its selector matches nothing',
      service({ spec: { selector: { app: 'x' }, ports: [{ port: 8080, targetPort: 'metrics' }] } }),
      true,
    ],
    [
      'its target port is wrong',
      service({ spec: { selector: podLabels, ports: [{ name: 'm', port: 1, targetPort: 'nope' }] } }),
      true,
    ],
    [
      'a Service of the user’s own',
      service({ labels: {}, spec: { selector: podLabels, ports: [{ port: 8443 }] } }),
      true,
    ],
    [
      'its port metrics leads to the webhooks',
      service({ spec: { selector: podLabels, ports: [{ name: 'metrics', port: 8080, targetPort: 9443 }] } }),
      true,
    ],
    [
      'its label says metrics, and its only port leads to the webhooks',
      service({
        labels: { 'app.kubernetes.io/part-of': 'dynamo-operator', 'app.kubernetes.io/component': 'metrics' },
        spec: { selector: podLabels, ports: [{ name: 'm', port: 8080, targetPort: 'webhook-server' }] },
      }),
      true,
    ],
    ['the Service for webhooks', service({ name: 'dyn-dynamo-operator-webhook-service', spec: webhook }), false],
    [
      'one Service for both',
      service({
        spec: {
          selector: podLabels,
          ports: [
            { name: 'webhook', port: 443, targetPort: 9443 },
            { name: 'm', port: 8080 },
          ],
        },
      }),
      true,
    ],
    ['another namespace', service({ namespace: 'other' }), false],
    [
      'another release in the same namespace',
      service({
        labels: {
          'app.kubernetes.io/part-of': 'dynamo-operator',
          'app.kubernetes.io/instance': 'two',
          'control-plane': 'controller-manager',
        },
        spec: { selector: { 'app.kubernetes.io/instance': 'two' }, ports: [{ name: 'metrics', port: 8080 }] },
      }),
      false,
    ],
    [
      'no selector at all',
      service({ labels: {}, spec: { selector: {}, ports: [{ name: 'metrics', port: 8080 }] } }),
      false,
    ],
  ])('%s', (_, given, wanted) => {
    expect(isMetricsService(given, workload())).toBe(wanted)
  })
})
