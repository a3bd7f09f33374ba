import { describe, expect, it } from 'vitest'
import { factSource } from '../../src/engine/fact-source.ts'
import type { KubernetesObject, Prometheus } from '../../src/model/kubernetes.ts'
import { fakeCluster, type World } from '../engine/fake-cluster.ts'
import { deployment, prometheus, service, serviceMonitor } from '../engine/world.ts'
import { certificate } from '../kubernetes/pems.ts'

const credentials = { name: 'login', key: 'token' }
const monitor = {
  ...serviceMonitor,
  spec: {
    ...serviceMonitor.spec,
    endpoints: [
      { port: 'metrics', authorization: { credentials } },
      {
        port: 'metrics',
        authorization: { credentials },
        tlsConfig: { ca: { configMap: { name: 'ca', key: 'ca.crt' } } },
      },
    ],
  },
}
const login = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'inference', name: 'login' },
  data: { token: 'opaque' },
} as KubernetesObject

const referencedObjects = async (objects: readonly KubernetesObject[], world: World = {}) => {
  const cluster = fakeCluster({ ...world, objects: [deployment, service, prometheus, ...objects] })
  const read = await factSource(cluster, { fallbackNamespaces: [] }).fact('referencedObjects')
  return { read, asked: cluster.asked.filter(line => /^get (?:secrets|configmaps)/.test(line)) }
}

describe('referencedObjects', () => {
  it('reads each once, and says what is not there', async () => {
    const { read, asked } = await referencedObjects([monitor, login])
    expect(asked).toEqual(['get secrets inference login', 'get configmaps inference ca'])
    expect(read).toMatchObject({
      ok: true,
      value: {
        items: [{ ref: { kind: 'Secret', name: 'login' }, data: { token: 'opaque' } }, { ref: { name: 'ca' } }],
      },
    })
    expect(read.ok && read.value.items[1]).not.toHaveProperty('data')
  })

  it('tells in the same words what a ConfigMap holds', async () => {
    const ca = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'inference', name: 'ca' },
      data: { 'ca.crt': certificate, other: 'text' },
    } as KubernetesObject
    const { read } = await referencedObjects([monitor, login, ca])
    expect(read.ok && read.value.items[1]?.data).toEqual({ 'ca.crt': 'certificate/5dd6b7a7', other: 'opaque' })
  })

  it('reads nothing for the chart’s own ServiceMonitor', async () => {
    expect(await referencedObjects([serviceMonitor])).toMatchObject({ read: { value: { items: [] } }, asked: [] })
  })

  it('reads what a Prometheus refers to of which its operator has no word', async () => {
    const spec = { ...prometheus.spec, additionalScrapeConfigs: { name: 'jobs', key: 'yaml' } }
    const own = (status: NonNullable<Prometheus['status']>): Prometheus => ({
      ...prometheus,
      metadata: { ...prometheus.metadata, name: 'own', generation: 2 },
      spec,
      status,
    })
    const said = (status: string, observedGeneration: number) => ({
      conditions: [{ type: 'Reconciled', status, observedGeneration }],
    })
    const asked = async (status: NonNullable<Prometheus['status']>) => (await referencedObjects([own(status)])).asked
    expect(await asked({})).toEqual(['get secrets observability jobs'])
    expect(await asked(said('True', 1))).toEqual(['get secrets observability jobs'])
    expect(await asked(said('True', 2))).toEqual([])
    expect(await asked(said('False', 1))).toEqual([])
  })

  it('tells a refusal from an absence', async () => {
    const { read } = await referencedObjects([monitor, login], { refuses: ({ resource }) => resource === 'secrets' })
    expect(read).toMatchObject({
      ok: true,
      value: { items: [{ ref: { name: 'ca' } }], unread: [{ why: 'forbidden' }] },
    })
  })
})
