import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Prometheus } from '../../src/model/kubernetes.ts'
import type { ReferencedObject } from '../../src/model/prometheus.ts'
import { reconcileProblems } from '../../src/prometheus/reconcile-problems.ts'
import { type GateName, judgeSelection } from '../../src/prometheus/selection.ts'
import { waitFor } from '../lab/api.ts'
import { expectAgreement } from './agreement.ts'
import { arbitraryFailingPrometheus } from './arbitrary-objects.ts'
import { type RunningOperator, startOperator } from './operator-process.ts'
import { many, seed } from './seed.ts'
import { createWorld, endWorld, hasStatefulSet, readConfiguration, readPrometheus, readReferenced } from './world.ts'

/** With it, an object is `Reconciled` for a moment, once its finalizer is there and nothing else was looked at. */
const plain = '--feature-gates=StatusForConfigurationResources=false'

/** One as it comes, one that writes unmanaged configurations, too; nobody is called `nobody`. */
const flagsOf: Readonly<Record<string, readonly string[]>> = {
  wide: [plain],
  unasked: [plain, '--disable-unmanaged-prometheus-configuration'],
}

const wanted = many(66, index =>
  arbitraryFailingPrometheus(
    `failing-${index}`,
    ['wide', 'unasked', 'wide', 'unasked', 'wide', 'unasked', 'nobody'],
    index,
  ),
)

describe(`what fails a whole Prometheus, against the real prometheus-operator (seed ${seed})`, () => {
  let operators: readonly RunningOperator[] = []
  let prometheuses: readonly Prometheus[] = []
  let referenced: readonly ReferencedObject[] = []
  /** As they are afterwards, with what the operators say of them. */
  const judged = new Map<Prometheus, Prometheus>()
  const configured = new Set<Prometheus>()

  beforeAll(async () => {
    prometheuses = (await createWorld({ monitors: [], prometheuses: wanted })).prometheuses
    operators = await Promise.all(Object.entries(flagsOf).map(([name, flags]) => startOperator(name, flags)))
    // What fails is tried again for ever, so that an operator is never idle: each object has its word in the end.
    for (const prometheus of prometheuses.filter(isAsked)) {
      const word = await waitFor(() => readWord(prometheus), {
        what: `the word on ${prometheus.metadata.name}`,
        seconds: 240,
        everyMilliseconds: 1000,
      })
      judged.set(prometheus, word)
    }
    referenced = await readReferenced()
    for (const prometheus of prometheuses) if (await readConfiguration(prometheus)) configured.add(prometheus)
  }, 400_000)

  afterAll(async () => {
    await endWorld(operators)
  }, 120_000)

  const found = () => operators.map(operator => operator.found)

  const problemsOf = (prometheus: Prometheus) => reconcileProblems(prometheus, referenced, found())

  /** Malformed selectors are judged with the selection, whatever ServiceMonitor is asked for. */
  const gatesOf = (prometheus: Prometheus) => {
    const serviceMonitor = { apiVersion: '', kind: 'ServiceMonitor', metadata: { name: 'any' } }
    const { gates } = judgeSelection({ serviceMonitor, prometheus, namespaceLabels: undefined, operators: found() })
    return (gate: GateName) => gates.some(one => one.gate === gate && one.passes === false)
  }

  it('the same Prometheus objects are reconciled, and fail for the same reason', () => {
    const asked = prometheuses.filter(prometheus => {
      const fails = gatesOf(prometheus)
      return !fails('managed') && !fails('daemonset-agent')
    })
    const seen = asked.map(prometheus => {
      const condition = judged.get(prometheus)?.status?.conditions?.find(({ type }) => type === 'Reconciled')
      const [first] = problemsOf(prometheus)
      const isMalformed = gatesOf(prometheus)('selector-malformed') && !isPaused(prometheus)
      const reason = first && reasonsToFail.find(([path]) => path.test(first.path))?.[1]
      return {
        prometheus: { ...named(prometheus), kind: prometheus.kind, spec: prometheus.spec },
        message: condition?.message,
        theirs: condition?.status === 'True',
        ours: !isMalformed && first === undefined,
        isSameReason: isMalformed || first === undefined || reason?.test(condition?.message ?? '') === true,
        path: first?.path,
      }
    })
    expectAgreement(seen.filter(one => one.theirs !== one.ours || !one.isSameReason))
    const failing = new Set(seen.flatMap(({ path }) => reasonsToFail.filter(([of]) => path && of.test(path))))
    expect(failing.size, seen.map(({ path }) => path).join()).toBeGreaterThan(reasonsToFail.length / 2)
  })

  it('the same Prometheus objects get a configuration', () => {
    expectAgreement(
      prometheuses
        .map(prometheus => {
          const fails = gatesOf(prometheus)
          const hinders: readonly GateName[] = ['managed', 'daemonset-agent', 'unmanaged', 'selector-malformed']
          return {
            prometheus: { ...named(prometheus), kind: prometheus.kind, spec: prometheus.spec },
            theirs: configured.has(prometheus),
            ours: !isPaused(prometheus) && !hinders.some(fails) && problemsOf(prometheus).length === 0,
          }
        })
        .filter(one => one.theirs !== one.ours),
    )
  })
})

const isAsked = ({ metadata }: Prometheus): boolean =>
  metadata.annotations?.['operator.prometheus.io/controller-id'] !== 'nobody'

/**
 * The object, once what it says of itself is an operator's last word. Before it has looked, it says `Unknown`; and while
 * it looks, what failed before is `Reconciled` until it fails again (`ResetStatus` at the start of each round): that
 * counts once there is what such a round ends with, its StatefulSet. One that is paused gets none. Two operators make the
 * Service `prometheus-operated` of a namespace: who comes second says that it already exists, and tries again.
 */
const readWord = async (prometheus: Prometheus): Promise<Prometheus | undefined> => {
  const read = await readPrometheus(prometheus)
  const { status, message = '' } = read?.status?.conditions?.find(({ type }) => type === 'Reconciled') ?? {}
  if (status === 'True') return isPaused(prometheus) || (await hasStatefulSet(prometheus)) ? read : undefined
  return status === 'False' && !message.includes('already exists') ? read : undefined
}

const isPaused = ({ spec }: Prometheus): boolean => spec?.paused === true

/** By the field that our rules name first, what the operator says of it. */
const reasonsToFail: readonly (readonly [path: RegExp, message: RegExp])[] = [
  [/version$/, /Prometheus version/],
  [/scrapeClasses\[\d\]\.relabelings/, /invalid relabelings for scrapeClass/],
  [/scrapeClasses\[\d\]\.metricRelabelings/, /invalid metric relabelings for scrapeClass/],
  [/scrapeClasses\[\d\]\.tlsConfig$/, /invalid TLS config for scrapeClass/],
  [/scrapeClasses\[\d\]\.tlsConfig\./, /failed to process scrape classes/],
  [/scrapeClasses\[\d\]\.authorization/, /invalid authorization for scrapeClass/],
  [/scrapeClasses\[\d\]\.default/, /multiple default scrape classes/],
  [/remoteWrite/, /remoteWrite\[0\]/],
  [/apiserverConfig/, /apiserver config/],
  [/alerting/, /alertmanager 0/],
  [/additionalScrapeConfigs/, /additional scrape configs from Secret/],
  [/additionalAlertRelabelConfigs/, /additional alert relabel configs from Secret/],
  [/additionalAlertManagerConfigs/, /additional alert manager configs from Secret/],
  [/scrapeTimeout/, /scrape(Timeout|Interval)/],
]

const named = ({ metadata: { name, namespace, annotations } }: Prometheus) => ({
  name: `${namespace}/${name}`,
  annotations,
})
