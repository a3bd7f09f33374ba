import { describe, expect, it } from 'vitest'
import { openManifests } from '../../src/cluster/manifests.ts'
import { overlay } from '../../src/cluster/overlay.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { run } from '../../src/run.ts'
import { deployment, prometheus, service, serviceMonitor } from '../engine/world.ts'

const filesOf = (objects: readonly KubernetesObject[]) =>
  openManifests({
    files: [{ name: 'gears.yaml', text: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) }],
  })

const said = async (cluster: Parameters<typeof run>[0], ...ids: readonly string[]) => {
  const { diagnosis } = await run(cluster, { narrowing: { fallbackNamespaces: [] }, only: [], skip: [] })
  return diagnosis.outcomes
    .filter(({ id }) => ids.includes(id))
    .map(({ result }) => ('findings' in result && result.findings[0]?.code) || result.outcome)
}

/** Rendered, as `helm template` gives it: nothing has stored it yet. */
const rendered: readonly KubernetesObject[] = [deployment, service, prometheus]
const stored = rendered.map(object => ({ ...object, metadata: { ...object.metadata, uid: `uid-of-${object.kind}` } }))
const otherMonitor = {
  ...serviceMonitor,
  metadata: { name: 'web', namespace: 'observability', labels: { release: 'prometheus' } },
  spec: { ...serviceMonitor.spec, selector: { matchLabels: { app: 'web' } } },
} as KubernetesObject

const elsewhere = (namespaceSelector: Readonly<Record<string, unknown>>) =>
  ({
    ...serviceMonitor,
    metadata: { name: 'gears', namespace: 'observability', labels: { release: 'prometheus' } },
    spec: { ...serviceMonitor.spec, namespaceSelector },
  }) as KubernetesObject
const blind = { ...prometheus, spec: { ...prometheus.spec, ignoreNamespaceSelectors: true } } as KubernetesObject
const named = { matchNames: ['inference'] }

describe('the ServiceMonitor, of files alone', () => {
  it.each<[what: string, objects: readonly KubernetesObject[], wanted: readonly string[]]>([
    ['it is there', [...rendered, serviceMonitor], ['passed', 'passed']],
    ['a chart rendered without the kinds has none', rendered, ['monitor/rendered-without-crds', 'skipped']],
    ['those of others do not count', [...rendered, otherMonitor], ['monitor/rendered-without-crds', 'skipped']],
    ['objects of a cluster may be some of its kinds only', stored, ['skipped', 'skipped']],
    ['and where that kind is among them, it was deleted', [...stored, otherMonitor], ['monitor/missing', 'skipped']],
    ['one of another namespace names this one', [...rendered, elsewhere(named)], ['passed', 'passed']],
    ['one of another namespace looks everywhere', [...rendered, elsewhere({ any: true })], ['passed', 'passed']],
    [
      'one that looks elsewhere is none',
      [...rendered, elsewhere({ matchNames: ['shop'] })],
      ['monitor/rendered-without-crds', 'skipped'],
    ],
    [
      'one of another namespace, and a Prometheus that keeps each in its own',
      [deployment, service, blind, elsewhere(named)],
      ['passed', 'monitor/namespace-selector-mismatch'],
    ],
  ])('%s', async (_, objects, wanted) => {
    expect(await said(filesOf(objects), 'monitor-exists', 'monitor-targets-service')).toEqual(wanted)
  })
})

describe('the ServiceMonitor, of files laid over a cluster', () => {
  const before = { ...filesOf(rendered), source: { kind: 'live' as const, name: 'prod-eu', live: true } }

  it('counts in every namespace, for no Prometheus is asked', async () => {
    const served = { ...before, list: filesOf([...rendered, otherMonitor]).list }
    expect(
      await said(
        overlay(filesOf([elsewhere(named)]), served, () => true),
        'monitor-exists',
      ),
    ).toEqual(['passed'])
  })

  it('is unknown where those of other namespaces cannot be read', async () => {
    const { list } = filesOf([...rendered, otherMonitor])
    const narrow: typeof list = async query =>
      query.kind === 'ServiceMonitor' && query.namespace === undefined
        ? {
            ok: false,
            unavailable: { why: 'not-recorded', verb: 'list', resource: 'servicemonitors', message: 'not recorded' },
          }
        : list(query)
    expect(
      await said(
        overlay(filesOf([deployment]), { ...before, list: narrow }, () => true),
        'monitor-exists',
      ),
    ).toEqual(['unknown'])
  })
})

describe('the operator, of files alone', () => {
  it.each<[what: string, objects: readonly KubernetesObject[], wanted: string]>([
    ['is there', rendered, 'passed'],
    ['may be deployed by others where they hold only a Prometheus', [prometheus], 'unknown'],
    [
      'may be deployed by others where they hold other Deployments',
      [prometheus, { ...deployment, metadata: { name: 'web', namespace: 'shop' }, spec: {} } as KubernetesObject],
      'unknown',
    ],
  ])('%s', async (_, objects, wanted) => {
    expect(await said(filesOf(objects), 'operator-installed')).toEqual([wanted])
  })
})
