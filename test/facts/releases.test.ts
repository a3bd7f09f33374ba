import { expect, it } from 'vitest'
import { factSource } from '../../src/engine/fact-source.ts'
import type { Prometheus } from '../../src/model/kubernetes.ts'
import { ownedByStack } from '../checks/stack/healthy-chain.ts'
import { fakeCluster } from '../engine/fake-cluster.ts'
import { deployment, prometheus, service, serviceMonitor } from '../engine/world.ts'

const asked = async (spec: Prometheus['spec']): Promise<readonly string[]> => {
  const stack = ownedByStack({ ...prometheus, spec: { ...prometheus.spec, ...spec } })
  const cluster = fakeCluster({ objects: [deployment, service, serviceMonitor, stack] })
  await factSource(cluster, { fallbackNamespaces: [] }).fact('releases')
  return cluster.asked.filter(line => /^get secrets/.test(line)).sort()
}

// A release Secret weighs up to a megabyte.
it.each<[string, Prometheus['spec'], boolean]>([
  ['selects the ServiceMonitor: it is left alone', {}, false],
  ['selects it and is paused', { paused: true }, true],
  ['selects it and denies its files', { arbitraryFSAccessThroughSMs: { deny: true } }, true],
  ['does not deny them', { arbitraryFSAccessThroughSMs: { deny: false } }, false],
  ['does not select it', { serviceMonitorSelector: { matchLabels: { team: 'web' } } }, true],
])('the release of a Prometheus that %s', async (_, spec, read) => {
  const lines = await asked(spec)
  expect(lines.filter(line => line.includes('inference'))).toHaveLength(1)
  expect(lines.some(line => line.includes('observability'))).toBe(read)
})
