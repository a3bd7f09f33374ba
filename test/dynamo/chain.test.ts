import { describe, expect, it } from 'vitest'
import { chainOf } from '../../src/dynamo/chain.ts'
import { contractOf } from '../../src/dynamo/contract.ts'
import { expectedNames } from '../../src/dynamo/expected.ts'
import { type Changeable, helmValue } from '../../src/dynamo/values.ts'
import type { Era } from '../../src/model/chain.ts'
import { manager, podLabels, proxy, service, workload } from './workloads.ts'

describe('chainOf', () => {
  it('puts together what is known of an operator', () => {
    const webhook = service({
      name: 'dyn-dynamo-operator-webhook-service',
      spec: { selector: podLabels, ports: [{ name: 'webhook', port: 443, targetPort: 9443 }] },
    })
    const chain = chainOf(
      workload({
        labels: { 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: { 'meta.helm.sh/release-name': 'dyn', 'meta.helm.sh/release-namespace': 'inference' },
      }),
      [webhook, service({ name: 'another', labels: {} }), service()],
    )
    expect(chain).toMatchObject({
      id: 'inference/dyn-dynamo-operator-controller-manager',
      service: { metadata: { name: 'dyn-dynamo-operator' } },
      era: '1.0',
      version: '1.4.2',
      install: { by: 'helm', release: { namespace: 'inference', name: 'dyn' } },
      expected: {
        service: { kind: 'Service', namespace: 'inference', name: 'dyn-dynamo-operator' },
        serviceMonitor: { kind: 'ServiceMonitor', namespace: 'inference', name: 'dyn-dynamo-operator-operator' },
      },
    })
  })

  it('takes a Service of another name where that is the only one', () => {
    expect(chainOf(workload(), [service({ name: 'renamed' })]).service?.metadata.name).toBe('renamed')
  })

  it('knows an operator without a Service', () => {
    const chain = chainOf(workload({ containers: [proxy(), manager()] }), [])
    expect(chain.service).toBeUndefined()
    expect(chain.era).toBe('0.8')
  })
})

describe('expectedNames', () => {
  it.each([
    ['my-dynamo-operator-x-controller-manager', 'my-dynamo-operator-x', 'my-dynamo-operator-x-operator'],
    ['overridden', 'overridden', 'overridden-operator'],
  ])('%s', (name, serviceName, monitorName) => {
    const { service: expectedService, serviceMonitor } = expectedNames(workload({ name }))
    expect([expectedService.name, serviceMonitor.name]).toEqual([serviceName, monitorName])
  })
})

describe('contractOf', () => {
  const eras: readonly Era[] = ['0.8', '0.9', '1.0', '1.5', '1.6']
  it.each(eras)('%s has a family that is there even when idle', era => {
    const contract = contractOf(era)
    expect(contract.always).toEqual(['controller_runtime_reconcile_total'])
    expect(contract.namespaced.every(name => contract.onActivity.some(({ names }) => names.includes(name)))).toBe(true)
  })

  it.each<[Era, number, number]>([
    ['0.8', 0, 0],
    ['0.9', 7, 4],
    ['1.0', 7, 4],
    ['1.5', 7, 4],
    ['1.6', 5, 1],
  ])('%s has %i families that wait for activity, %i of them with a namespace', (era, families, namespaced) => {
    const contract = contractOf(era)
    expect([contract.onActivity.length, contract.namespaced.length]).toEqual([families, namespaced])
  })

  it('accepts either name where builds of 1.5 differ', () => {
    expect(contractOf('1.5').onActivity[0]?.names).toEqual([
      'dynamo_operator_reconcile_duration_seconds',
      'controller_runtime_reconcile_time_seconds',
    ])
    expect(contractOf('1.6').onActivity.flatMap(({ names }) => names)).not.toContain('dynamo_operator_reconcile_total')
  })
})

describe('helmValue', () => {
  it.each<[Era, Changeable, string | undefined]>([
    ['0.8', 'enabled', undefined],
    ['0.9', 'enabled', 'dynamo-operator.metricsService.enabled'],
    ['1.0', 'serviceMonitorLabels', undefined],
    ['1.5', 'serviceMonitorLabels', 'dynamo-operator.metricsService.labels'],
    ['1.6', 'honorLabels', undefined],
    ['0.9', 'proxyImage', 'dynamo-operator.controllerManager.kubeRbacProxy.image.repository'],
    ['1.0', 'proxyImage', undefined],
  ])('%s %s', (era, what, wanted) => {
    expect(helmValue(era, what)).toBe(wanted)
  })
})
