import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Prometheus, ServiceMonitor } from '../../src/model/kubernetes.ts'
import { droppedFields, type VersionedName, versionedFields } from '../../src/prometheus/dropped-fields.ts'
import { reloadRefusals } from '../../src/prometheus/reload-refusals.ts'
import { type RunningOperator, startOperator } from './operator-process.ts'
import { refusals } from './prometheus-process.ts'
import { createWorld, endWorld, readConfiguration } from './world.ts'

const text = { name: 'keys', key: 'text' }
const login = { tokenUrl: 'https://id.example/token', clientId: { secret: text }, clientSecret: text }
const proxied = { ...login, proxyUrl: 'http://proxy:3128' }

/** Each field with a value that is taken, alone in its ServiceMonitor: as part of a spec, or of an endpoint. */
const set: Readonly<Record<VersionedName, object>> = {
  honorTimestamps: { honorTimestamps: false },
  targetLimit: { targetLimit: 7 },
  authorization: { authorization: { credentials: text } },
  followRedirects: { followRedirects: false },
  oauth2: { oauth2: login },
  labelLimit: { labelLimit: 7 },
  labelNameLengthLimit: { labelNameLengthLimit: 7 },
  labelValueLengthLimit: { labelValueLengthLimit: 7 },
  bodySizeLimit: { bodySizeLimit: '7MB' },
  enableHttp2: { enableHttp2: false },
  'tlsConfig.minVersion': { tlsConfig: { minVersion: 'TLS12' } },
  attachMetadata: { attachMetadata: { node: true } },
  'tlsConfig.maxVersion': { tlsConfig: { maxVersion: 'TLS12' } },
  noProxy: { proxyUrl: 'http://proxy:3128', noProxy: 'localhost' },
  proxyFromEnvironment: { proxyFromEnvironment: true },
  proxyConnectHeader: { proxyUrl: 'http://proxy:3128', proxyConnectHeader: { 'X-A': [text] } },
  'oauth2.tlsConfig': { oauth2: { ...login, tlsConfig: { insecureSkipVerify: true } } },
  'oauth2.proxyUrl': { oauth2: proxied },
  'oauth2.noProxy': { oauth2: { ...proxied, noProxy: 'localhost' } },
  'oauth2.proxyFromEnvironment': { oauth2: { ...login, proxyFromEnvironment: true } },
  'oauth2.proxyConnectHeader': { oauth2: { ...proxied, proxyConnectHeader: { 'X-A': [text] } } },
  nativeHistogramBucketLimit: { nativeHistogramBucketLimit: 7 },
  scrapeClassicHistograms: { scrapeClassicHistograms: true },
  keepDroppedTargets: { keepDroppedTargets: 7 },
  trackTimestampsStaleness: { trackTimestampsStaleness: true },
  scrapeProtocols: { scrapeProtocols: ['PrometheusText0.0.4'] },
  nativeHistogramMinBucketFactor: { nativeHistogramMinBucketFactor: '2' },
  convertClassicHistogramsToNHCB: { convertClassicHistogramsToNHCB: true },
  fallbackScrapeProtocol: { fallbackScrapeProtocol: 'PrometheusText0.0.4' },
  scrapeNativeHistograms: { scrapeNativeHistograms: true },
}

const names = Object.keys(set) as readonly VersionedName[]

const named = (name: string) => name.toLowerCase().replaceAll('.', '-')

const monitorOf = (name: string, fields: object, of: 'spec' | 'endpoint', since: string) =>
  ({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name: named(name), namespace: 'differential-a', labels: { since } },
    spec: {
      selector: {},
      ...(of === 'spec' ? fields : {}),
      endpoints: [{ port: 'metrics', ...(of === 'endpoint' ? fields : {}) }],
    },
  }) satisfies ServiceMonitor

/** Selects what carries the label. */
const prometheusOf = (version: string, since: string, controller = 'versions'): Prometheus => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'Prometheus',
  metadata: {
    name: named(`${since}-at-${version}`),
    namespace: 'differential-a',
    annotations: { 'operator.prometheus.io/controller-id': controller },
  },
  spec: { replicas: 0, version: `v${version}`, serviceMonitorSelector: { matchLabels: { since } } },
})

/** One that is older than this version and newer than all that came before it. */
const justBelow = (version: string): string => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return minor === 0 ? `${major - 1}.99.0` : `${major}.${minor - 1}.99`
}

/** As the configuration spells it. */
const written = (name: VersionedName): string =>
  (name.split('.').at(-1) ?? '').replaceAll(/[A-Z]+/g, capitals => `_${capitals.toLowerCase()}`)

/** The one that ends an operator is kept away from the others. */
const labelOf = (name: VersionedName): string => (name === 'authorization' ? name : versionedFields[name].since)

const monitors = new Map(
  names.map(name => [name, monitorOf(name, set[name], versionedFields[name].of, labelOf(name))] as const),
)
const newText = monitorOf('newText', { scrapeProtocols: ['PrometheusText1.0.0'] }, 'spec', 'new-text')
const twoTexts = monitorOf(
  'twoTexts',
  { scrapeProtocols: ['PrometheusText0.0.4', 'PrometheusText1.0.0'] },
  'spec',
  'two-texts',
)

/** What a scrape class gives to those that name it: each with one field. Before its version an authorization ends the operator. */
const classFields = names.filter(name => 'inClass' in versionedFields[name] && name !== 'authorization')
const classLabel = (name: VersionedName): string => named(`class-${name}`)
const inClasses = new Map(
  classFields.map(
    name => [name, monitorOf(`class-${name}`, { scrapeClass: 'full' }, 'spec', classLabel(name))] as const,
  ),
)
const withClass = (name: VersionedName, version: string): Prometheus => {
  const plain = prometheusOf(version, classLabel(name))
  return { ...plain, spec: { ...plain.spec, scrapeClasses: [{ name: 'full', ...set[name] }] } }
}

const prometheuses = [
  ...names
    .filter(name => name !== 'authorization')
    .map(name => versionedFields[name].since)
    .filter((since, index, all) => all.indexOf(since) === index)
    .flatMap(since => [prometheusOf(since, since), prometheusOf(justBelow(since), since)]),
  prometheusOf('2.26.0', 'authorization'),
  prometheusOf('2.25.99', 'authorization', 'ending'),
  prometheusOf('2.55.1', 'new-text'),
  prometheusOf('2.55.1', 'two-texts'),
  prometheusOf('3.0.0', 'two-texts'),
  ...classFields.flatMap(name => {
    const { since } = versionedFields[name]
    return [withClass(name, since), withClass(name, justBelow(since))]
  }),
]

describe('fields by the version of the Prometheus, against the real prometheus-operator', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'differential-versions-'))
  let operators: readonly RunningOperator[] = []

  beforeAll(async () => {
    await createWorld({ monitors: [...monitors.values(), ...inClasses.values(), newText, twoTexts], prometheuses })
    operators = await Promise.all(['versions', 'ending'].map(name => startOperator(name, [])))
    await operators[0]?.idle()
  }, 400_000)

  afterAll(async () => {
    await endWorld(operators)
    fs.rmSync(folder, { recursive: true, force: true })
  }, 120_000)

  const jobOf = async (monitor: ServiceMonitor | undefined, prometheus: Prometheus) =>
    (await readConfiguration(prometheus))?.scrape_configs?.find(
      ({ job_name: job }) => job === `serviceMonitor/differential-a/${monitor?.metadata.name}/0`,
    )

  it.each(names)('%s', async name => {
    const { since } = versionedFields[name]
    const monitor = monitors.get(name)
    const theirs = async (version: string) => {
      const job = await jobOf(monitor, prometheusOf(version, labelOf(name)))
      return job && JSON.stringify(job).includes(`"${written(name)}":`)
    }
    const ours = (version: string) =>
      monitor &&
      droppedFields(monitor, 0, prometheusOf(version, since)).map(({ path: at }) =>
        at.replace(/^spec\.(endpoints\[0\]\.)?/, ''),
      )
    expect(await theirs(since), since).toBe(true)
    if (name !== 'authorization') expect(await theirs(justBelow(since)), justBelow(since)).toBe(false)
    expect(ours(since)).toEqual([])
    expect(ours(justBelow(since))).toContain(name)
  })

  it.each(classFields)('%s of a scrape class', async name => {
    const { since } = versionedFields[name]
    const monitor = inClasses.get(name)
    const theirs = async (version: string) => {
      const job = await jobOf(monitor, withClass(name, version))
      return job && JSON.stringify(job).includes(`"${written(name)}":`)
    }
    const ours = (version: string) => monitor && droppedFields(monitor, 0, withClass(name, version))
    expect(await theirs(since), since).toBe(true)
    expect(await theirs(justBelow(since)), justBelow(since)).toBe(false)
    expect(ours(since)).toEqual([])
    expect(ours(justBelow(since))).toMatchObject([{ in: 'Prometheus', path: `spec.scrapeClasses[0].${name}`, since }])
  })

  it.each([
    ['2.55.1', ['PrometheusText0.0.4'], ['spec.scrapeProtocols[1]']],
    ['3.0.0', ['PrometheusText0.0.4', 'PrometheusText1.0.0'], []],
  ])('of two protocols %s has %j', async (version, written, dropped) => {
    const prometheus = prometheusOf(version, 'two-texts')
    expect(await jobOf(twoTexts, prometheus)).toMatchObject({ scrape_protocols: written })
    expect(droppedFields(twoTexts, 0, prometheus).map(({ path: at }) => at)).toEqual(dropped)
  })

  it('an authorization before 2.26 ends the operator itself', async () => {
    await operators[1]?.ended()
    expect(await readConfiguration(prometheusOf('2.25.99', 'authorization'))).toBeUndefined()
  })

  it('the only protocol is left out, and Prometheus refuses a list without any', async () => {
    const prometheus = prometheusOf('2.55.1', 'new-text')
    const job = await jobOf(newText, prometheus)
    expect(job).toMatchObject({ scrape_protocols: [] })
    expect(await refusals(folder, [{ scrape_configs: [job] }])).toEqual([expect.stringContaining('scrape_protocols')])
    expect(reloadRefusals(newText, prometheus).map(({ path: at }) => at)).toEqual(['spec.scrapeProtocols'])
  })
})
