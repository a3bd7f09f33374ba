import { describe, expect, it } from 'vitest'
import { factSource } from '../../src/engine/fact-source.ts'
import type { Prometheus } from '../../src/model/kubernetes.ts'
import { fakeCluster } from '../engine/fake-cluster.ts'
import { healthyWorld, prometheus } from '../engine/world.ts'

const spare: Prometheus = {
  ...prometheus,
  metadata: { name: 'spare', namespace: 'platform' },
  spec: { serviceMonitorSelector: { matchLabels: { team: 'spare' } }, serviceMonitorNamespaceSelector: {} },
}
const world = healthyWorld({ objects: [...(healthyWorld().objects ?? []), spare] })

const otherPrometheuses = async (named?: { readonly namespace: string; readonly name: string }) => {
  const cluster = fakeCluster(world)
  const narrowing = { fallbackNamespaces: [], ...(named ? { prometheus: named } : {}) }
  const read = await factSource(cluster, narrowing).fact('otherPrometheuses')
  return {
    names: read.ok ? read.value.items.map(({ metadata }) => metadata.name) : read,
    everywhere: cluster.asked.filter(line => line === 'list prometheuses.monitoring.coreos.com'),
  }
}

describe('otherPrometheuses', () => {
  it('asks for nothing where no Prometheus is named', async () => {
    expect(await otherPrometheuses()).toEqual({ names: [], everywhere: [] })
  })

  it('asks for nothing where the one that is named selects the ServiceMonitor', async () => {
    expect(await otherPrometheuses({ namespace: 'observability', name: 'kps' })).toEqual({ names: [], everywhere: [] })
  })

  it('lists the others where it does not', async () => {
    expect(await otherPrometheuses({ namespace: 'platform', name: 'spare' })).toMatchObject({
      names: ['kps'],
      everywhere: ['list prometheuses.monitoring.coreos.com'],
    })
  })

  it('says no more of a Prometheus that is not there than that', async () => {
    const { names } = await otherPrometheuses({ namespace: 'platform', name: 'gone' })
    expect(names).toMatchObject({ ok: false, unavailable: { why: 'invalid' } })
  })
})
