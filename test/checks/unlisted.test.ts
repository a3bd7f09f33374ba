import { describe, expect, it } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import type { Facts } from '../../src/model/facts.ts'
import type { Listing } from '../../src/model/read.ts'
import { healthyFacts, idleShard, refusal, runCheck, state, summary } from './healthy-facts.ts'
import { anotherPrometheus, onlyIn } from './stack/healthy-chain.ts'

const checkOf = (id: string) => {
  const check = checks.find(one => one.id === id)
  if (!check) throw new Error(`no such check: ${id}`)
  return check
}

const noneSeen = (resource: string): Listing<never> => ({ items: [], unread: [refusal(resource)] })
/** It takes other ServiceMonitors, and who else there is may not be listed. */
const uninterested = onlyIn(
  ['edge'],
  'prometheuses',
  anotherPrometheus('edge', { serviceMonitorSelector: { matchLabels: { team: 'edge' } } }),
)
const silent: Partial<Facts> = {
  prometheuses: uninterested,
  prometheusStates: { items: [state(uninterested.items[0], idleShard())], unread: uninterested.unread },
}

const ofPrometheus = [
  ['stack-operator-running', 'there is no Prometheus object to manage'],
  ['monitor-accepted', 'there is no ServiceMonitor and Prometheus to judge'],
  ...[
    'stack-prometheus-managed',
    'stack-prometheus-reconciled',
    'stack-prometheus-ready',
    'scrape-config-loaded',
    'scrape-discovery-permitted',
    'scrape-discovered',
    'scrape-authorized',
    'scrape-reachable',
    'scrape-target-up',
  ].map(id => [id, 'there is no Prometheus object'] as const),
] as const

const ofGrafana = [
  'stack-grafana-ready',
  'dashboard-exists',
  'dashboard-labelled',
  'dashboard-provisionable',
  'dashboard-unique',
  'dashboard-queries-match',
  'grafana-sidecar-present',
  'grafana-sidecar-configured',
  'grafana-sidecar-watches',
  'grafana-sidecar-permitted',
  'grafana-sidecar-running',
  'grafana-files-distinct',
  'grafana-dashboard-loaded',
  'grafana-dashboard-current',
  'grafana-data-source',
]

describe('a list that is refused', () => {
  it.each(ofPrometheus)('%s: no Prometheus that was seen is none', async (id, what) => {
    const outcome = await runCheck(checkOf(id), healthyFacts({ prometheuses: noneSeen('prometheuses') }))
    expect(outcome).toMatchObject({
      outcome: 'unknown',
      unknown: [{ missing: [refusal('prometheuses')], reason: `${what}, as far as could be read` }],
    })
    const absent = healthyFacts({ prometheuses: { items: [], unread: [] } })
    expect(await runCheck(checkOf(id), absent)).toMatchObject({ outcome: 'skipped', reason: what })
  })

  it.each(ofPrometheus.slice(1))('%s: one that wants others stands for none', async id => {
    expect(summary(await runCheck(checkOf(id), healthyFacts(silent)))).toBe('unknown')
  })

  it.each(ofGrafana)('%s: no Grafana that was seen is none', async id => {
    const unseen = { grafanas: noneSeen('statefulsets.apps'), loadedDashboards: noneSeen('statefulsets.apps') }
    expect(summary(await runCheck(checkOf(id), healthyFacts(unseen)))).toBe('unknown')
    const absent = { grafanas: { items: [], unread: [] }, loadedDashboards: { items: [], unread: [] } }
    expect(summary(await runCheck(checkOf(id), healthyFacts(absent)))).toBe('skipped')
  })

  it.each(['dashboard-queries-match', 'metrics-names-current'])('%s: no dashboard that was seen is none', async id => {
    const unseen = healthyFacts({ queriedFamilies: noneSeen('configmaps') })
    expect(summary(await runCheck(checkOf(id), unseen))).toBe('unknown')
  })

  it('grafana-dashboard-loaded: a file that cannot be read may be young', async () => {
    const [told] = healthyFacts().loadedDashboards.items
    if (!told) throw new Error('no Grafana answers')
    const lacking = { ...told, dashboards: told.dashboards.map(({ uid }) => ({ uid, found: false as const })) }
    const without = (dashboardFiles: Facts['dashboardFiles']) =>
      runCheck(
        checkOf('grafana-dashboard-loaded'),
        healthyFacts({ dashboardFiles, loadedDashboards: { items: [lacking], unread: [] } }),
      )
    expect(summary(await without(noneSeen('configmaps')))).toBe('unknown')
    expect(summary(await without({ items: [], unread: [] }))).toBe('failed grafana/dashboard-not-loaded')
  })

  it('dashboard-unique: a Grafana that may not be asked may have another', async () => {
    const unseen = healthyFacts({ loadedDashboards: noneSeen('pods/portforward') })
    expect(summary(await runCheck(checkOf('dashboard-unique'), unseen))).toBe('unknown')
  })

  it('scrape-discovered: a Prometheus that does not say when it loaded its configuration may have done so just now', async () => {
    const runtime = { ok: false as const, unavailable: refusal('pods/proxy', 'observability') }
    const of = (shard: Parameters<typeof idleShard>[0]) =>
      runCheck(
        checkOf('scrape-discovered'),
        healthyFacts({ prometheusStates: { items: [state(undefined, idleShard(shard))], unread: [] } }),
      )
    expect(summary(await of({ runtime }))).toBe('unknown')
    expect(summary(await of({}))).toBe('failed scrape/not-discovered')
  })
})
