import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import type { Report } from '../../src/model/report.ts'
import { dynamoMetrics } from '../e2e/doctor.ts'
import { causesOf, objectsIn } from './scenario.ts'

/** What objects alone decide: a pre-deploy gate has to find it without a cluster. */
const decidedByObjects = [
  'stack/operator-not-running',
  'stack/prometheus-not-managed',
  'stack/prometheus-unmanaged',
  'stack/invalid-selector',
  'stack/reconcile-failed',
  'operator/image-unavailable',
  'operator/not-ready',
  'service/missing',
  'service/selects-nothing',
  'service/target-port-undeclared',
  'service/wrong-target-port',
  'monitor/label-mismatch',
  'monitor/namespace-not-selected',
  'monitor/namespace-not-watched',
  'monitor/selector-empty',
  'monitor/selector-mismatch',
  'monitor/namespace-selector-mismatch',
  'monitor/port-mismatch',
  'monitor/target-port-mismatch',
  'monitor/no-endpoints',
  'monitor/duplicated',
  'monitor/rejected-file-access',
  'monitor/rejected-timeout',
  'monitor/rejected-relabeling',
  'monitor/rejected-scrape-class',
  'monitor/rejected-conflict',
  'scrape/all-dropped',
  'scrape/discovery-forbidden',
  'scrape/forbidden',
  'scrape/network-policy',
  'metrics/dropped',
  'dashboard/label-missing',
  'dashboard/label-value',
  'dashboard/empty',
  'dashboard/invalid-json',
  'grafana/sidecar-missing',
  'grafana/namespace-not-watched',
  'grafana/resource-not-watched',
  'grafana/sidecar-misconfigured',
  'grafana/sidecar-forbidden',
  'grafana/sidecar-crashing',
  'grafana/file-collision',
  'metrics/multiplied',
  'metrics/namespace-overwritten',
  'metrics/renamed',
  'monitor/rejected-missing-secret',
  'stack/grafana-not-found',
  'stack/grafana-not-ready',
  'stack/prometheus-not-ready',
  'stack/prometheus-paused',
]

/** The healthy cluster's objects, changed: what the recordings, which read no more than they need, do not hold whole. */
const made: Readonly<Record<string, (objects: readonly KubernetesObject[]) => readonly KubernetesObject[]>> = {
  'monitor/missing': objects => [
    ...objects.filter(({ kind }) => kind !== 'ServiceMonitor'),
    { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor', metadata: { namespace: 'shop', name: 'web' } },
  ],
  'monitor/rendered-without-crds': objects =>
    objects
      .filter(({ kind }) => kind !== 'ServiceMonitor')
      .map(({ metadata: { uid: _uid, ...metadata }, ...rest }) => ({ ...rest, metadata })),
  'dashboard/unresolved-inputs': redrawn(board => ({
    ...board,
    __inputs: [{ name: 'DS_MAIN', type: 'datasource' }],
    panels: [{ title: 'Rate', type: 'timeseries', datasource: `$\{DS_MAIN}`, targets: [] }],
  })),
  'dashboard/not-provisionable': redrawn(({ title }) => ({ elements: {}, layout: { kind: 'GridLayout' }, title })),
  'dashboard/duplicate-uid': withNeighbour(({ uid }) => ({ uid, title: 'Ours' })),
  'dashboard/duplicate-title': withNeighbour(({ title }) => ({ uid: 'ours', title })),
}

/** Why no file can decide the others. */
const takesMore: Readonly<Record<string, string>> = {
  'access/unreachable': 'files have no server',
  'access/forbidden': 'files refuse nobody',
  'stack/crds-missing': 'which kinds a cluster serves is its server’s to say',
  'stack/service-account-missing': 'files without the account may be applied beside it',
  'stack/other-collector': 'it is searched for where a cluster has no Prometheus object',
  'stack/no-prometheus': 'files without a Prometheus may be applied beside one',
  'operator/not-installed': 'files without an operator may be applied beside one: incomplete',
  'operator/too-old': 'those charts have no label that files could be recognised by',
  'operator/collection-disabled': 'the value stands in the release; files without the Service are incomplete',
  'service/endpoints-not-ready': 'readiness is of pods that run',
  'monitor/installed-before-crds': 'it takes the times of a release and of a kind',
  'monitor/wrong-prometheus': 'it takes the flag --prometheus',
  'monitor/rejected': 'it stands for what prometheus-operator says and the rules do not',
  'scrape/config-not-written': 'Prometheus tells its configuration',
  'scrape/reload-failing': 'Prometheus tells its configuration',
  'scrape/reload-pending': 'Prometheus tells its configuration',
  'scrape/not-discovered': 'Prometheus tells its targets',
  'scrape/not-scraped-yet': 'Prometheus tells its targets',
  'scrape/unauthorized': 'the target answers so',
  'scrape/connection-refused': 'the target answers so',
  'scrape/timeout': 'the target answers so',
  'scrape/dns': 'the target answers so',
  'scrape/tls': 'the target answers so',
  'scrape/scheme-mismatch': 'the target answers so',
  'scrape/not-found': 'the target answers so',
  'scrape/content-type': 'the target answers so',
  'scrape/limit-exceeded': 'the target answers so',
  'scrape/down': 'the target answers so',
  'metrics/absent': 'Prometheus tells its series',
  'metrics/idle': 'Prometheus tells its series',
  'metrics/stale-inventory': 'Prometheus tells its series',
  'metrics/contract-violation': 'Prometheus tells its series',
  'dashboard/missing': 'a dashboard may be deployed apart',
  'dashboard/queries-unmatched': 'an operator at work shows which metrics it has; those that moved are metrics/renamed',
  'grafana/dashboard-not-loaded': 'Grafana tells what it shows',
  'grafana/dashboard-outdated': 'Grafana tells what it shows',
  'grafana/datasource-missing': 'Grafana tells its data sources',
  'grafana/datasource-mismatch': 'Grafana tells its data sources',
}

type Board = Readonly<Record<string, unknown>>

/** The dashboard's own ConfigMap with another content. */
function redrawn(draw: (board: Board) => Board) {
  return (objects: readonly KubernetesObject[]): readonly KubernetesObject[] =>
    objects.map(object => (isBoard(object) ? { ...object, data: mapValues(object.data, draw) } : object))
}

/** A second dashboard that the sidecar finds as well. */
function withNeighbour(draw: (board: Board) => Board) {
  return (objects: readonly KubernetesObject[]): readonly KubernetesObject[] => [
    ...objects,
    ...objects.filter(isBoard).map(({ metadata: { uid: _uid, ...metadata }, data, ...rest }) => ({
      ...rest,
      metadata: { ...metadata, name: 'ours' },
      data: Object.fromEntries(Object.values(mapValues(data, draw)).map(text => ['ours.json', text])),
    })),
  ]
}

const isBoard = (
  object: KubernetesObject,
): object is KubernetesObject & { readonly data: Readonly<Record<string, string>> } =>
  object.kind === 'ConfigMap' && object.metadata.name === 'grafana-operator-dashboard' && 'data' in object

const mapValues = (data: Readonly<Record<string, string>>, draw: (board: Board) => Board) =>
  Object.fromEntries(Object.entries(data).map(([key, text]) => [key, JSON.stringify(draw(JSON.parse(text) as Board))]))

const folder = mkdtempSync(join(tmpdir(), 'offline-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe.concurrent('the objects of a recorded cluster, as files', () => {
  it.each(decidedByObjects)('%s is found in them', async name => {
    const { causes } = await judgeFiles(name, objectsIn(name))
    expect(causes.map(({ code }) => code)).toEqual(causesOf(name))
  })

  it.each(Object.entries(made))('%s is found in changed ones', async (name, change) => {
    const { causes } = await judgeFiles(name, change(objectsIn('healthy')))
    expect(causes.map(({ code }) => code)).toEqual([name])
  })

  it('scrape/open-metrics-endpoint is found in those of 0.9', async () => {
    const { causes } = await judgeFiles('era', objectsIn('healthy/era-0.9'))
    expect(causes.map(({ code }) => code)).toEqual(['scrape/open-metrics-endpoint'])
  })

  it('a healthy cluster has nothing to find', async () => {
    const { verdict, causes, counts } = await judgeFiles('healthy', objectsIn('healthy'))
    expect([verdict, causes, counts.unknown]).toEqual(['healthy', [], 0])
    expect(counts.passed).toBeGreaterThan(20)
  })
})

it('every code is decided by objects, or it is said why not', () => {
  const told = [...decidedByObjects, ...Object.keys(made), 'scrape/open-metrics-endpoint', ...Object.keys(takesMore)]
  expect(told.toSorted()).toEqual(checks.flatMap(({ codes }) => Object.keys(codes)).toSorted())
})

const judgeFiles = async (name: string, objects: readonly KubernetesObject[]): Promise<Report> => {
  const file = join(folder, `${name.replace('/', '-')}.json`)
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
  const { stdout, stderr } = await dynamoMetrics(['doctor', '--offline', '--manifests', file, '--output', 'json'])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Report
}
