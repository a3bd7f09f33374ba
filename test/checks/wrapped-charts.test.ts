import { describe, expect, it } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import { collectionsIn, keptElsewhere, statusOf } from '../../src/command-line/collection.ts'
import { chainOf } from '../../src/dynamo/chain.ts'
import { restrictedNamespace } from '../../src/dynamo/restricted-namespace.ts'
import type { ReadContext } from '../../src/facts/fact-reader.ts'
import type { Facts } from '../../src/model/facts.ts'
import type { Fix } from '../../src/model/fix.ts'
import type { HelmRelease } from '../../src/model/helm-release.ts'
import type { ContainerState, Workload } from '../../src/model/kubernetes.ts'
import { manager, proxy } from '../dynamo/workloads.ts'
import { pod } from './dashboard/healthy-facts.ts'
import { findingsOf, runCheck, summary } from './healthy-facts.ts'
import {
  all,
  chain,
  healthyChain,
  ofVersion,
  ownedByStack,
  release,
  stackRelease,
  withEndpoint,
  withSpec,
} from './stack/healthy-chain.ts'

/** The charts that we know, as dependencies of a platform team's own: its values stand under their names, or an alias. */
const umbrella = (parts: Partial<HelmRelease>): HelmRelease => ({
  ...release(),
  chart: { name: 'acme-serving', version: '7.0.1' },
  ...parts,
})
const enabled = 'inf.dynamo-operator.metricsService.enabled'
const declared = (values: HelmRelease['values'] = {}) => umbrella({ values, defaults: { [enabled]: null } })
/** Put into the folder `charts`, and not declared: nothing is stored of its defaults. */
const untold = umbrella({})

const spec = 'kube-prometheus-stack.prometheus.prometheusSpec'
const monitoring = (values: HelmRelease['values'] = {}): HelmRelease => ({
  ...stackRelease(values),
  chart: { name: 'acme-monitoring', version: '2.0.0' },
  defaults: { [`${spec}.serviceMonitorSelector`]: {}, [`${spec}.serviceMonitorSelectorNilUsesHelmValues`]: true },
})
const untoldMonitoring: HelmRelease = { ...monitoring(), defaults: {} }

const outcomeOf = (id: string, facts: Partial<Facts>) => {
  const check = checks.find(one => one.id === id)
  if (!check) throw new Error(`no check ${id}`)
  return runCheck(check, healthyChain(facts))
}
const fixOf = async (id: string, facts: Partial<Facts>, fix: string): Promise<Fix | undefined> =>
  findingsOf(await outcomeOf(id, facts))
    .flatMap(({ fixes }) => fixes)
    .find(one => one.id === fix)

const without = (...releases: readonly HelmRelease[]): Partial<Facts> => ({
  chains: all(chain({ service: undefined })),
  operatorServices: all(),
  serviceMonitors: all(),
  releases: all(...releases),
})

describe('the switch of a wrapped operator', () => {
  it.each<[string, HelmRelease, collection: string, service: string]>([
    ['off', declared({ [enabled]: false }), 'failed operator/collection-disabled', 'skipped'],
    [
      'by the chart around it',
      umbrella({ defaults: { [enabled]: false } }),
      'failed operator/collection-disabled',
      'skipped',
    ],
    ['left to itself', declared(), 'passed', 'failed service/missing'],
    ['not told', untold, 'unknown', 'unknown'],
    [
      'set at the root, where no chart reads it',
      umbrella({ values: { 'metricsService.enabled': false } }),
      'unknown',
      'unknown',
    ],
  ])('is %s', async (_, given, collection, service) => {
    expect(summary(await outcomeOf('operator-collection-enabled', without(given)))).toBe(collection)
    expect(summary(await outcomeOf('service-exists', without(given)))).toBe(service)
  })

  it('is not called read where its place is not told', async () => {
    expect(await outcomeOf('operator-collection-enabled', without(untold))).toMatchObject({
      unknown: [
        { reason: expect.stringMatching(/is of the chart acme-serving, and nothing stored with it tells/) as string },
      ],
    })
  })

  it('stands in the evidence and in the upgrade as the release’s user writes it', async () => {
    const [finding] = findingsOf(
      await outcomeOf('operator-collection-enabled', without(declared({ [enabled]: false }))),
    )
    expect(finding).toMatchObject({
      evidence: [{ path: enabled, actual: 'false' }, {}],
      fixes: [{ steps: [{ do: 'helm-upgrade', release: { chart: 'acme-serving' }, set: { [enabled]: true } }] }],
    })
  })

  it('keeps an operator to a namespace, too', () => {
    const values = {
      'inf.dynamo-operator.namespaceRestriction.enabled': true,
      'inf.dynamo-operator.namespaceRestriction.targetNamespace': 'team-a',
    }
    expect(restrictedNamespace(chain(), umbrella({ values }))).toBe('team-a')
    expect(restrictedNamespace(chain(), untold)).toBeUndefined()
  })

  it.each<[string, HelmRelease, line: RegExp, elsewhere: RegExp | undefined]>([
    [
      'under an alias',
      declared({ [enabled]: false }),
      /switch +inf\.dynamo-operator\S+ false: the chart makes neither/,
      undefined,
    ],
    [
      'nowhere that is told',
      untold,
      /switch +dynamo-operator\S+: not known, release inference\/dyn is of/,
      /^Set dynamo-operator\S+: true by its place/,
    ],
  ])('is shown by `collection status` %s, and switched there or not at all', async (_, given, line, elsewhere) => {
    const facts: Partial<Facts> = healthyChain(without(given))
    const fact = async (name: keyof Facts) => ({ ok: true, value: facts[name] })
    const { collections } = await collectionsIn({ fact } as unknown as Pick<ReadContext, 'fact'>)
    expect(statusOf(collections, []).lines.join('\n')).toMatch(line)
    const said = collections.map(one => keptElsewhere(one, true))
    expect(said).toEqual([elsewhere ? expect.stringMatching(elsewhere) : undefined])
  })
})

const labels = 'inf.dynamo-operator.metricsService.labels'
const { workload } = chain()
const template = { ...workload.spec?.template, spec: { containers: [proxy('--ignore-paths=/metrics'), manager()] } }
const withProxy: Workload = { ...workload, spec: { ...workload.spec, template } }
const noImage: ContainerState = { waiting: { reason: 'ErrImagePull', message: 'gone' } }
const wants = (selector: object) => ({ prometheuses: all(ownedByStack(withSpec(selector))) })
const newer = { chains: all(chain({ workload: ofVersion('1.5.0') })) }
const proxyImage = 'dynamo-operator.controllerManager.kubeRbacProxy.image.repository'

describe('a fix by Helm sets a value where the release has it, and tells it where that is not known', () => {
  it.each<[fix: string, check: string, facts: Partial<Facts>, known: HelmRelease, unknown: HelmRelease, set: object]>([
    [
      'set-chart-labels',
      'monitor-selected',
      { ...newer, ...wants({ serviceMonitorSelector: { matchLabels: { release: 'kps' } } }) },
      umbrella({ defaults: { [labels]: { release: 'prometheus' } } }),
      untold,
      { [`${labels}.release`]: 'kps' },
    ],
    [
      'set-proxy-image',
      'operator-pods-running',
      {
        chains: all(chainOf(withProxy, [])),
        operatorPods: all(pod(withProxy, 'dyn-0', { 'kube-rbac-proxy': noImage })),
      },
      umbrella({ defaults: { [`inf.${proxyImage}`]: 'gcr.io/kubebuilder/kube-rbac-proxy' } }),
      untold,
      { [`inf.${proxyImage}`]: 'quay.io/brancz/kube-rbac-proxy' },
    ],
    [
      'widen-selector',
      'monitor-selected',
      wants({ serviceMonitorSelector: { matchLabels: { release: 'kps' } } }),
      monitoring(),
      untoldMonitoring,
      { [`${spec}.serviceMonitorSelectorNilUsesHelmValues`]: false },
    ],
    [
      'widen-namespaces',
      'monitor-selected',
      wants({ serviceMonitorNamespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'web' } } }),
      monitoring(),
      untoldMonitoring,
      { [`${spec}.serviceMonitorNamespaceSelector`]: null },
    ],
    [
      'allow-files',
      'monitor-accepted',
      {
        ...wants({ arbitraryFSAccessThroughSMs: { deny: true } }),
        serviceMonitors: all(withEndpoint({ port: 'metrics', bearerTokenFile: '/token' })),
      },
      monitoring(),
      untoldMonitoring,
      { [`${spec}.arbitraryFSAccessThroughSMs`]: null },
    ],
    [
      'resume-prometheus',
      'stack-prometheus-managed',
      wants({ paused: true }),
      monitoring({ [`${spec}.paused`]: true }),
      untoldMonitoring,
      { [`${spec}.paused`]: false },
    ],
  ])('%s of %s', async (id, of, facts, known, unknown, set) => {
    expect(await fixOf(of, { ...facts, releases: all(known) }, id)).toMatchObject({
      steps: [{ do: 'helm-upgrade', release: { name: known.name, chart: known.chart.name }, set }],
    })
    const otherwise = await fixOf(of, { ...facts, releases: all(unknown) }, id)
    expect(otherwise?.steps.some(step => step.do === 'helm-upgrade') ?? false).toBe(false)
  })

  it('a deleted ServiceMonitor is rendered again by the values there are', async () => {
    const facts = (given: HelmRelease): Partial<Facts> => ({ serviceMonitors: all(), releases: all(given) })
    const fix = (given: HelmRelease) => fixOf('monitor-exists', facts(given), 'render-servicemonitor')
    expect(await fix(declared())).toMatchObject({ steps: [{ set: { [enabled]: true } }] })
    expect((await fix(untold))?.steps).toMatchObject([{ do: 'helm-upgrade', set: {} }])
  })

  it('a selector whose flag is not told is not called changed since', async () => {
    const placed: HelmRelease = { ...untoldMonitoring, values: { [`${spec}.paused`]: false } }
    const facts = { ...wants({ serviceMonitorSelector: { matchLabels: { release: 'kps' } } }), releases: all(placed) }
    const [finding] = findingsOf(await outcomeOf('monitor-selected', facts))
    expect(finding?.because).toMatch(/has no value to change it$/)
  })
})
