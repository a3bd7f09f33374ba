import { describe, expect, it } from 'vitest'
import { dataSource } from '../../../src/checks/grafana/data-source.ts'
import type { Facts } from '../../../src/model/facts.ts'
import type { DataSource } from '../../../src/model/grafana.ts'
import type { Prometheus } from '../../../src/model/kubernetes.ts'
import { prometheus } from '../../engine/world.ts'
import {
  all,
  dataSourcesOf,
  dataSourceTo,
  findingsOf,
  forbidden,
  grafana,
  loaded,
  prometheusService,
  summary,
} from '../dashboard/healthy-facts.ts'
import { healthyFacts, runCheck, series } from '../healthy-facts.ts'

const spare: Prometheus = { ...prometheus, metadata: { namespace: 'observability', name: 'spare' } }
const spareService = {
  ...prometheusService,
  metadata: { namespace: 'observability', name: 'spare' },
  spec: { selector: { 'operator.prometheus.io/name': 'spare' }, ports: [{ port: 9090 }] },
}
const known: Partial<Facts> = {
  prometheuses: all(prometheus, spare),
  prometheusPods: all(),
  dataSourceServices: all(prometheusService, spareService),
}
const sources = (...given: readonly DataSource[]): Partial<Facts> => ({
  dataSources: all(dataSourcesOf(grafana(), ...given)),
})
const toSpare = dataSourceTo('http://spare.observability.svc:9090')
const toThanos = dataSourceTo('http://thanos-query.observability:9090')
const address = 'http://127.0.0.1:9090'
/** Asked by --prometheus-url. */
const atAddress: Partial<Facts> = {
  series: all({ ...series(), prometheus: { apiVersion: 'v1', kind: 'Prometheus', name: address } }),
}
const ofAmazon = dataSourceTo('https://aps', { type: 'grafana-amazonprometheus-datasource', uid: 'aps' })
const loki = dataSourceTo('http://loki', { type: 'loki' })
const none: Partial<Facts> = { dataSources: all({ ...dataSourcesOf(grafana()), sources: [] }) }
const second = grafana(undefined, { name: 'second' })

describe('grafana-data-source', () => {
  const mismatch = 'failed grafana/datasource-mismatch'
  const missing = 'failed grafana/datasource-missing'
  it.each<[string, Partial<Facts>, string]>([
    ['the Prometheus that scrapes', {}, 'passed'],
    ['another Prometheus', sources(toSpare), mismatch],
    ['another, and nothing is scraped anywhere', { ...sources(toSpare), series: all(series([])) }, 'skipped'],
    ['none, and nothing is scraped anywhere', { ...none, series: all(series([])) }, missing],
    [
      'another, which has the metrics too',
      { ...sources(toSpare), series: all(series(), series(undefined, spare)) },
      'passed',
    ],
    [
      'another beside the default',
      sources(dataSourceTo('http://kps-prometheus:9090'), { ...toSpare, isDefault: false }),
      'passed',
    ],
    [
      'another that the panels name',
      {
        ...sources(dataSourceTo('http://kps-prometheus:9090'), { ...toSpare, uid: 'spare', isDefault: false }),
        loadedDashboards: all({
          ...loaded(grafana(), true),
          dashboards: [{ uid: 'dynamo-operator', found: true, dataSourceUids: ['spare'] }],
        }),
      },
      mismatch,
    ],
    ['none', none, missing],
    ['none but Loki', sources(loki), missing],
    ['none in the ConfigMaps, and there may be more', { dataSources: all() }, 'unknown'],
    [
      'none but Loki in the ConfigMaps',
      { dataSources: all({ ...dataSourcesOf(grafana(), loki), from: 'configMaps' }) },
      'unknown',
    ],
    ['a managed one', sources(ofAmazon), 'unknown'],
    ['Thanos', sources(toThanos), 'unknown'],
    ['outside', sources(dataSourceTo('https://prom.corp.example')), 'unknown'],
    ['asked by the browser', sources({ ...toSpare, access: 'direct' }), 'unknown'],
    ['Services may not be read', { dataSourceServices: { items: [], unread: [forbidden('services')] } }, 'unknown'],
    ['another than an address that was asked, which may be the same', { ...sources(toSpare), ...atAddress }, 'skipped'],
    ['a name that leads nowhere, where an address was asked', { ...sources(toThanos), ...atAddress }, 'skipped'],
    ['none, where an address was asked', { ...none, ...atAddress }, missing],
    ['no Grafana', { grafanas: all() }, 'skipped'],
    ['no operator', { chains: all() }, 'skipped'],
    [
      'a second Grafana that has it right',
      {
        grafanas: all(grafana(), second),
        dataSources: all(dataSourcesOf(grafana(), toSpare), dataSourcesOf(second)),
        loadedDashboards: all(),
      },
      'passed',
    ],
    [
      'a second Grafana that has it right and does not show the dashboard',
      {
        grafanas: all(grafana(), second),
        dataSources: all(dataSourcesOf(grafana(), toSpare), dataSourcesOf(second)),
        loadedDashboards: all(loaded(grafana(), true), loaded(second, false)),
      },
      mismatch,
    ],
  ])('%s', async (_, change, wanted) => {
    expect(summary(await runCheck(dataSource, healthyFacts({ ...known, ...change })))).toBe(wanted)
  })

  it('is unknown where Grafana gives no answer', async () => {
    expect(summary(await runCheck(dataSource, healthyFacts(known), { unavailable: ['dataSources'] }))).toBe('unknown')
  })

  it('is unknown where Prometheus gives no answer', async () => {
    expect(summary(await runCheck(dataSource, healthyFacts(known), { unavailable: ['series'] }))).toBe('unknown')
    const unread = { series: { items: [], unread: [forbidden('pods/proxy')] } }
    expect(summary(await runCheck(dataSource, healthyFacts({ ...known, ...unread })))).toBe('unknown')
  })

  it.each<[string, Partial<Facts>, string]>([
    ['the one that selects', {}, 'passed'],
    ['another', sources(toSpare), mismatch],
  ])('goes by the selectors of manifests: %s', async (_, change, wanted) => {
    const selecting = { ...spare, spec: { serviceMonitorSelector: { matchLabels: { team: 'spare' } } } }
    const facts = healthyFacts({ ...known, ...change, prometheuses: all(prometheus, selecting) })
    expect(summary(await runCheck(dataSource, facts, { unavailable: ['series'], why: 'not-live' }))).toBe(wanted)
  })

  it('adds one of our own where the data source sidecar fetches it', async () => {
    const [finding] = findingsOf(await runCheck(dataSource, healthyFacts(none)))
    expect(finding?.fixes[0]).toMatchObject({
      risk: 'disruptive',
      steps: [
        {
          do: 'apply',
          manifest: {
            kind: 'ConfigMap',
            metadata: { namespace: 'observability', labels: { grafana_datasource: '1' } },
            data: {
              'prometheus-datasource.yaml': expect.stringContaining(
                'http://prometheus-operated.observability.svc:9090/',
              ),
            },
          },
        },
      ],
    })
  })

  it('names one pod where the operator’s own Service would mix two', async () => {
    const [finding] = findingsOf(await runCheck(dataSource, healthyFacts({ ...known, ...sources(toSpare) })))
    expect(JSON.stringify(finding?.fixes)).toContain(
      'http://prometheus-kps-0.prometheus-operated.observability.svc:9090/',
    )
  })

  it('puts no single shard before Grafana', async () => {
    const sharded = { ...prometheus, spec: { ...prometheus.spec, shards: 3 } }
    for (const change of [none, sources(toSpare)]) {
      const facts = healthyFacts({ ...known, ...change, prometheuses: all(sharded, spare) })
      const [finding] = findingsOf(await runCheck(dataSource, facts))
      expect(finding?.fixes[0]?.risk).toBe('manual')
      expect(JSON.stringify(finding?.fixes)).toContain('a query layer over all 3 shards')
    }
  })

  it('speaks of both Prometheuses', async () => {
    const [finding] = findingsOf(await runCheck(dataSource, healthyFacts({ ...known, ...sources(toSpare) })))
    expect(finding?.about.map(({ name }) => name)).toEqual(['spare', 'kps'])
  })
})
