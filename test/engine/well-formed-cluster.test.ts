import { describe, expect, it } from 'vitest'
import { wellFormedCluster } from '../../src/engine/well-formed-cluster.ts'
import { kinds } from '../../src/facts/kinds.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { fakeCluster } from './fake-cluster.ts'
import { deployment, service, serviceMonitor } from './world.ts'

const malformed = {
  ...serviceMonitor,
  metadata: { ...serviceMonitor.metadata, name: 'typed-by-hand' },
  spec: { endpoints: [{ port: 8080 }] },
} as unknown as KubernetesObject

const of = (...objects: readonly KubernetesObject[]) => wellFormedCluster(fakeCluster({ objects }))
const inInference = { namespace: 'inference' }

describe('objects that are something else than their type says', () => {
  const unavailable = {
    why: 'invalid',
    resource: 'servicemonitors.monitoring.coreos.com',
    namespace: 'inference',
    message: 'ServiceMonitor inference/typed-by-hand: spec.endpoints[0].port is a number, not a text',
  }

  it('make their list invalid, and name themselves', async () => {
    const read = await of(serviceMonitor, malformed).list({ ...kinds.serviceMonitor, ...inInference })
    expect(read).toEqual({ ok: false, unavailable: { ...unavailable, verb: 'list' } })
  })

  it('are invalid on their own', async () => {
    const read = await of(malformed).get({ ...kinds.serviceMonitor, ...inInference, name: 'typed-by-hand' })
    expect(read).toEqual({ ok: false, unavailable: { ...unavailable, verb: 'get' } })
  })

  it('leave the other kinds alone', async () => {
    expect(await of(service, malformed).list({ ...kinds.service, ...inInference })).toEqual({
      ok: true,
      value: [service],
    })
  })
})

describe('answers that are no objects, and something else than they should be', () => {
  const odd = wellFormedCluster({
    ...fakeCluster({}),
    resources: async () => ({ ok: true, value: ['prometheuses', 1] as never }),
    logs: async () => ({ ok: true, value: 'panic' as never }),
    access: async () => ({ ok: true, value: { reason: 'granted' } as never }),
  })
  const pod = { namespace: 'inference', pod: 'dyn-0', container: 'manager', tailLines: 5 }
  const review = {
    serviceAccount: { namespace: 'observability', name: 'kps' },
    attributes: { verb: 'list', group: '', resource: 'pods' },
  }

  it.each([
    [
      'resources',
      () => odd.resources('monitoring.coreos.com/v1'),
      'monitoring.coreos.com/v1',
      '[1] is a number, not a text',
    ],
    ['logs', () => odd.logs(pod), 'pods/log', ' is a text, not a list'],
    ['access', () => odd.access(review), 'subjectaccessreviews.authorization.k8s.io', 'allowed is not set'],
  ])('%s', async (_, read, resource, message) => {
    expect(await read()).toMatchObject({
      ok: false,
      unavailable: { why: 'invalid', resource, message: `the answer: ${message}` },
    })
  })
})

it('what is not there stays absent, and a refusal a refusal', async () => {
  const query = { ...kinds.deployment, ...inInference, name: deployment.metadata.name }
  expect(await of().get(query)).toEqual({ ok: true, value: undefined })
  const refusing = wellFormedCluster(fakeCluster({ refuses: () => true }))
  expect(await refusing.get(query)).toMatchObject({ ok: false, unavailable: { why: 'forbidden' } })
})

it('nulls are left out: to the API server they are absent', async () => {
  const holed = { ...deployment, spec: { ...deployment.spec, selector: null } } as unknown as KubernetesObject
  const read = await of(holed).list({ ...kinds.deployment, ...inInference })
  expect(read.ok && read.value[0] && 'spec' in read.value[0] && Object.keys(read.value[0].spec as object)).toEqual([
    'replicas',
    'template',
  ])
})
