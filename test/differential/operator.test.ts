import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Event, Prometheus, RelabelConfig, ServiceMonitor } from '../../src/model/kubernetes.ts'
import type { ReferencedObject } from '../../src/model/prometheus.ts'
import { isOlder } from '../../src/prometheus/is-older.ts'
import { codeOfRejectionMessage, rejectionBinding, rejectionEvent } from '../../src/prometheus/rejection-reports.ts'
import { reloadRefusals } from '../../src/prometheus/reload-refusals.ts'
import { judgeSelection } from '../../src/prometheus/selection.ts'
import { targetRelabelings } from '../../src/prometheus/target-relabelings.ts'
import { validateServiceMonitor } from '../../src/prometheus/validation.ts'
import { expectAgreement } from './agreement.ts'
import {
  arbitraryBreakingMonitor,
  arbitraryDaemonSetAgent,
  arbitraryPrometheus,
  arbitraryReferringMonitor,
  arbitraryServiceMonitor,
  arbitraryStrictPrometheus,
  namespaces,
} from './arbitrary-objects.ts'
import { type RunningOperator, startOperator } from './operator-process.ts'
import { operatorRules } from './operator-rules.ts'
import { asConfigured, refusals } from './prometheus-process.ts'
import { each, many, seed } from './seed.ts'
import {
  createWorld,
  endWorld,
  type GeneratedConfiguration,
  type GeneratedJob,
  readConfiguration,
  readEvents,
  readMonitors,
  readReferenced,
  type World,
} from './world.ts'

/** Each looks after the Prometheus objects of its own controller id; nobody is called `nobody`. */
const flagsOf: Readonly<Record<string, readonly string[]>> = {
  wide: [],
  allowing: ['--namespaces=differential-a,differential-b'],
  denying: ['--deny-namespaces=differential-c'],
  picking: [
    '--namespaces=differential-b',
    '--namespaces=differential-c',
    '--prometheus-instance-namespaces',
    'differential-a',
    '--prometheus-instance-selector=tier notin (gold),team!=data',
  ],
  elsewhere: [
    '-deny-namespaces=differential-a,differential-d',
    '--prometheus-instance-namespaces=differential-a,differential-b',
  ],
}

const controllers = [...Object.keys(flagsOf), 'wide', 'nobody']

const rules = Object.entries(operatorRules)

/** Each rule holds for one of these at least: some are for old Prometheuses alone, two for those that deny files. */
const strict = [
  { version: 'v2.16.0', arbitraryFSAccessThroughSMs: { deny: true } },
  { version: 'v2.35.0' },
  { version: 'v3.16.0' },
]

const wanted: World = {
  monitors: [
    ...many(40, index => arbitraryServiceMonitor(`monitor-${index}`)),
    ...many(20, index => arbitraryReferringMonitor(`referring-${index}`)),
    ...each(rules, ([, rule], index) => arbitraryBreakingMonitor(`breaking-${index}`, rule)),
  ],
  prometheuses: [
    ...many(36, index => arbitraryPrometheus(`prometheus-${index}`, controllers)),
    ...many(2, index => arbitraryDaemonSetAgent(`daemonset-${index}`)),
    ...each(strict, (spec, index) => arbitraryStrictPrometheus(`strict-${index}`, spec)),
  ],
}

interface Pair {
  readonly monitor: ServiceMonitor
  readonly prometheus: Prometheus
}

describe(`selection and validation against the real prometheus-operator (seed ${seed})`, () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'differential-operator-'))
  let operators: readonly RunningOperator[] = []
  let world: World = { monitors: [], prometheuses: [] }
  let pairs: readonly Pair[] = []
  let referenced: readonly ReferencedObject[] = []
  let events: readonly Event[] = []
  /** Those without a configuration are not in it. */
  const configurations = new Map<Prometheus, GeneratedConfiguration>()

  beforeAll(async () => {
    world = await createWorld(wanted)
    operators = await Promise.all(Object.entries(flagsOf).map(([name, flags]) => startOperator(name, flags)))
    await Promise.all(operators.map(({ idle }) => idle()))
    const monitors = await readMonitors()
    pairs = monitors
      .flatMap(monitor => world.prometheuses.map(prometheus => ({ monitor, prometheus })))
      .filter(pair => !dependsOnVersion(pair))
    referenced = await readReferenced()
    events = await readEvents()
    for (const prometheus of world.prometheuses) {
      const written = await readConfiguration(prometheus)
      if (written) configurations.set(prometheus, written)
    }
  }, 400_000)

  afterAll(async () => {
    await endWorld(operators)
    fs.rmSync(folder, { recursive: true, force: true })
  }, 120_000)

  const found = () => operators.map(operator => operator.found)

  const ours = (pair: Pair): 'not selected' | 'accepted' | 'rejected' => {
    const { selected } = judgeSelection({
      serviceMonitor: pair.monitor,
      prometheus: pair.prometheus,
      namespaceLabels: labelsOf(pair.monitor),
      operators: found(),
    })
    if (selected !== true) return 'not selected'
    return rejections(pair).length === 0 ? 'accepted' : 'rejected'
  }

  const rejections = ({ monitor, prometheus }: Pair) => validateServiceMonitor(monitor, prometheus, referenced)

  it('at least 2,000 combinations, of which many are selected, accepted and rejected', () => {
    expect(pairs.length).toBeGreaterThanOrEqual(2000)
    const counts = Map.groupBy(pairs, ours)
    for (const verdict of ['not selected', 'accepted', 'rejected'] as const)
      expect(counts.get(verdict)?.length ?? 0, verdict).toBeGreaterThan(50)
  })

  it('the same are selected, accepted and rejected', () => {
    expectAgreement(
      pairs
        .filter(({ prometheus }) => prometheus.kind === 'Prometheus')
        .map(pair => ({ ...brief(pair), theirs: theirs(pair), ours: ours(pair) }))
        .filter(one => one.theirs !== one.ours),
    )
  })

  it('agents reject the same, as their Events say', () => {
    const ofAgents = pairs.filter(pair => pair.prometheus.kind === 'PrometheusAgent' && ours(pair) !== 'not selected')
    expectAgreement(
      ofAgents
        .map(pair => {
          const { name, namespace } = pair.prometheus.metadata
          const own = events.filter(({ related }) => related?.name === name && related?.namespace === namespace)
          const message = rejectionEvent(own, pair.monitor)?.message
          return { ...brief(pair), message, theirs: message === undefined ? 'accepted' : 'rejected', ours: ours(pair) }
        })
        .filter(one => one.theirs !== one.ours),
    )
    expect(ofAgents.filter(pair => ours(pair) === 'rejected').length).toBeGreaterThan(0)
  })

  it('those that are accepted, and no others, get their scrape jobs', () => {
    expectAgreement(
      pairs
        .filter(({ monitor }) => (monitor.spec?.endpoints ?? []).length > 0)
        .map(pair => ({
          ...brief(pair),
          theirs: jobsOf(pair).length > 0,
          ours: ours(pair) === 'accepted',
        }))
        .filter(one => one.theirs !== one.ours),
    )
  })

  it('a rejection has the same reason', () => {
    const rejected = pairs.flatMap(pair => {
      const message = rejectionBinding(pair.monitor, pair.prometheus)?.message
      return message === undefined ? [] : [{ pair, message }]
    })
    expectAgreement(
      rejected
        .map(({ pair, message }) => ({
          ...brief(pair),
          message,
          theirs: `${codeOfRejectionMessage(message)}${unfit.test(message) ? ', unfit' : ''}`,
          ours: rejections(pair)
            .slice(0, 1)
            .map(({ code, actual }) => `${code}${/^what stands|^it is the key/.test(actual) ? ', unfit' : ''}`)
            .join(),
        }))
        .filter(one => one.ours !== one.theirs),
    )
    const byRule = (message: string) => rules.flatMap(([name, rule]) => (rule.message.test(message) ? [name] : []))
    expect(rejected.filter(({ message }) => byRule(message).length === 0).map(({ message }) => message)).toEqual([])
    // 50 of 51 rules: what the API server refuses beforehand no operator ever sees.
    const seen = new Set(rejected.flatMap(({ message }) => byRule(message)))
    expect([...seen].sort()).toEqual(rules.flatMap(([name, rule]) => (rule.refusedBefore ? [] : [name])).sort())
  })

  it('a scrape job has the same relabelings', () => {
    expectAgreement(
      pairs
        .flatMap(pair => jobsOf(pair).map(job => ({ pair, job })))
        .map(({ pair, job }) => ({ ...brief(pair), job: job.job_name, ...relabelingsOf(pair, job) }))
        .filter(one => JSON.stringify(one.theirs) !== JSON.stringify(one.ours)),
    )
  })

  it('Prometheus loads the same scrape jobs', async () => {
    const written = pairs.filter(isOfPrometheus3).flatMap(pair => jobsOf(pair).map(job => ({ pair, job })))
    const said = await refusals(
      folder,
      written.map(({ pair, job }) => ({
        global: configurations.get(pair.prometheus)?.global,
        scrape_configs: [job],
      })),
    )
    expectAgreement(
      written
        .map(({ pair, job }, index) => ({
          ...brief(pair),
          job: job.job_name,
          theirs: said[index] === undefined,
          why: said[index],
          ours: !reloadRefusals(pair.monitor, pair.prometheus).some(({ path }) => concerns(path, job)),
        }))
        .filter(one => one.theirs !== one.ours),
    )
  })

  const jobsOf = ({ monitor, prometheus }: Pair): readonly GeneratedJob[] =>
    (configurations.get(prometheus)?.scrape_configs ?? []).filter(({ job_name: name }) =>
      name.startsWith(`serviceMonitor/${monitor.metadata.namespace}/${monitor.metadata.name}/`),
    )
})

/**
 * What operators before 0.86 take and later ones do not: a token Secret without a name beside another authorization,
 * and a targetLabel with a `$` for a Prometheus 2. The objects do not tell which it is, so the doctor takes them, and
 * leaves them to the operator's own words.
 */
const dependsOnVersion = ({ monitor, prometheus }: Pair): boolean =>
  (monitor.spec?.endpoints ?? []).some(
    ({ bearerTokenSecret, relabelings = [], metricRelabelings = [] }) =>
      (bearerTokenSecret && !bearerTokenSecret.name) ||
      (!isOfPrometheus3({ monitor, prometheus }) &&
        [...relabelings, ...metricRelabelings].some(({ targetLabel }) => targetLabel?.includes('$'))),
  )

const labelsOf = ({ metadata: { namespace = '' } }: ServiceMonitor) => ({
  ...namespaces[namespace],
  'kubernetes.io/metadata.name': namespace,
})

const theirs = ({ monitor, prometheus }: Pair): 'not selected' | 'accepted' | 'rejected' => {
  const bindings = monitor.status?.bindings ?? []
  const { name, namespace } = prometheus.metadata
  if (!bindings.some(binding => binding.name === name && binding.namespace === namespace)) return 'not selected'
  return rejectionBinding(monitor, prometheus) ? 'rejected' : 'accepted'
}

/** The operator’s words on a value that is there and will not do. */
const unfit = /failed to decode PEM|failed to parse certificate|cert <.*>, key </

/** Promtool is of Prometheus 3, and what it says holds for no other. */
const isOfPrometheus3 = ({ prometheus }: Pair): boolean => !isOlder(prometheus, '3.0.0')

/** A job is one endpoint; fields outside of the endpoints concern all of them. */
const concerns = (path: string, { job_name: name }: GeneratedJob): boolean =>
  !path.startsWith('spec.endpoints') || path.startsWith(`spec.endpoints[${name.slice(name.lastIndexOf('/') + 1)}]`)

/** The operator's, but for what comes last: the enforced namespace label, and what shares targets out. And ours, as the operator writes them. */
const relabelingsOf = (
  { monitor, prometheus }: Pair,
  { job_name: name, relabel_configs: written = [] }: GeneratedJob,
) => {
  const role = JSON.stringify(written).includes('__meta_kubernetes_endpointslice_') ? 'endpointslice' : 'endpoints'
  const endpointIndex = Number(name.slice(name.lastIndexOf('/') + 1))
  const made = targetRelabelings({ serviceMonitor: monitor, endpointIndex, prometheus, role })
  const sharding = written.findIndex(rule => /"__tmp_(hash|current_shard)"/.test(JSON.stringify(rule)))
  const end = sharding - (prometheus.spec?.enforcedNamespaceLabel ? 1 : 0)
  const [theirs, ours] = [written.slice(0, end).map(plain), made.map(({ rule }) => plain(asConfigured(rule)))]
  const from = theirs.findIndex((rule, index) => JSON.stringify(rule) !== JSON.stringify(ours[index]))
  return { theirs: theirs.slice(from < 0 ? ours.length : from), ours: ours.slice(from < 0 ? theirs.length : from) }
}

/** Sorted, without what only repeats a default. */
const plain = (rule: Readonly<Record<string, unknown>>): RelabelConfig =>
  Object.fromEntries(
    Object.entries({ ...rule, ...(rule.regex === undefined ? {} : { regex: String(rule.regex) }) })
      .filter(([field, value]) => !defaults[field]?.includes(value))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )

const defaults: Readonly<Record<string, readonly unknown[]>> = {
  separator: [';'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of Go
  replacement: ['$1', '${1}'],
  action: ['replace'],
  target_label: [''],
}

const brief = ({ monitor, prometheus }: Pair) => ({
  monitor: { ...named(monitor), spec: monitor.spec },
  prometheus: { ...named(prometheus), kind: prometheus.kind, spec: prometheus.spec },
})

const named = ({ metadata: { name, namespace, labels, annotations } }: ServiceMonitor | Prometheus) => ({
  name: `${namespace}/${name}`,
  labels,
  annotations,
})
