import { describe, expect, test } from 'vitest'
import { scrapeDiscovered } from '../../../src/checks/scrape/scrape-discovered.ts'
import type { FactName, Facts } from '../../../src/model/facts.ts'
import type { Pod, RelabelConfig } from '../../../src/model/kubernetes.ts'
import type { DroppedTarget } from '../../../src/model/prometheus.ts'
import { prometheus, serviceMonitor } from '../../engine/world.ts'
import {
  all,
  droppedTarget,
  findingsOf,
  healthyFacts,
  idleShard,
  read,
  runCheck,
  scraping,
  shard,
  state,
  summary,
  target,
  unread,
} from '../healthy-facts.ts'
import { labelled, operatorPod, withEndpoint, withSpec } from '../stack/healthy-chain.ts'

const run = (overrides: Partial<Facts> = {}, unavailable: readonly FactName[] = []) =>
  runCheck(scrapeDiscovered, healthyFacts(overrides), { unavailable })

const dropping = (...targets: readonly DroppedTarget[]) => scraping(idleShard({ dropped: read(targets) }))
const loadedAt = (lastConfigTime: string) =>
  scraping(idleShard({ runtime: read({ reloadConfigSuccess: true, lastConfigTime }) }))
const bornAt = (creationTimestamp: string): Pod => ({
  ...operatorPod,
  metadata: { ...operatorPod.metadata, name: 'young', creationTimestamp },
})
const leaving: Pod = {
  ...operatorPod,
  metadata: { ...operatorPod.metadata, deletionTimestamp: '2026-11-22T10:00:05Z' },
}
const relabeled = (...relabelings: readonly RelabelConfig[]): Partial<Facts> => ({
  serviceMonitors: all(withEndpoint({ ...serviceMonitor.spec?.endpoints?.[0], relabelings })),
})

type Endpoint = Parameters<typeof withEndpoint>[0]
const withEndpoints = (...endpoints: readonly Endpoint[]) => ({
  ...serviceMonitor,
  spec: { ...serviceMonitor.spec, endpoints },
})

const ofPlanner = { __meta_kubernetes_service_name: 'dyn-planner' }
const dropsNamespace: RelabelConfig = { action: 'drop', sourceLabels: ['namespace'], regex: 'inference' }

const unselected = {
  ...labelled({ release: 'other' }),
  metadata: { ...labelled({ release: 'other' }).metadata, name: 'ours' },
}
const second = { ...prometheus, metadata: { ...prometheus.metadata, name: 'second' } }
const droppedBy = [idleShard({ dropped: read([droppedTarget()]) })]

describe('scrape-discovered', () => {
  test.each<[what: string, overrides: Partial<Facts>, wanted: string]>([
    ['a target is active', {}, 'passed'],
    ['it has not been scraped yet', scraping(shard({ active: read([target({ health: 'unknown' })]) })), 'passed'],
    ['no target, active or dropped', scraping(idleShard()), 'failed scrape/not-discovered'],
    ['every target is dropped', dropping(droppedTarget()), 'failed scrape/all-dropped'],
    [
      'a rule drops whatever there is for the one of two ServiceMonitors that is selected',
      {
        ...scraping(idleShard()),
        serviceMonitors: all(unselected, relabeled(dropsNamespace).serviceMonitors?.items[0] ?? serviceMonitor),
        prometheuses: all(withSpec({ serviceMonitorSelector: { matchLabels: serviceMonitor.metadata.labels ?? {} } })),
      },
      'failed scrape/all-dropped scrape/not-discovered',
    ],
    ['only targets of another Service are dropped', dropping(droppedTarget(ofPlanner)), 'failed scrape/not-discovered'],
    [
      'only the target of another Service is active',
      scraping(idleShard({ active: read([target({ discoveredLabels: ofPlanner })]) })),
      'failed scrape/not-discovered',
    ],
    [
      'the active targets are refused, and a rule drops whatever there is',
      { ...scraping(shard({ active: unread() })), ...relabeled(dropsNamespace) },
      'failed scrape/all-dropped',
    ],
    [
      'the active targets are refused, and a rule looks at the pods',
      {
        ...scraping(shard({ active: unread() })),
        ...relabeled({ action: 'keep', sourceLabels: ['pod'], regex: 'web' }),
      },
      'unknown',
    ],
    [
      'the active targets are refused, and one of two endpoints is open',
      {
        ...scraping(shard({ active: unread() })),
        serviceMonitors: all(withEndpoints({ port: 'metrics', relabelings: [dropsNamespace] }, { port: 'metrics' })),
      },
      'unknown',
    ],
    ['a rule drops whatever there is, and Prometheus has a target all the same', relabeled(dropsNamespace), 'passed'],
    [
      'no target of a rule that drops whatever there is',
      { ...scraping(idleShard()), ...relabeled(dropsNamespace) },
      'failed scrape/all-dropped scrape/not-discovered',
    ],
    [
      'every target is dropped, by a rule that drops whatever there is',
      { ...dropping(droppedTarget()), ...relabeled(dropsNamespace) },
      'failed scrape/all-dropped',
    ],
    [
      'the same rule, before two Prometheuses',
      {
        ...relabeled(dropsNamespace),
        prometheuses: all(prometheus, second),
        prometheusStates: all(state(prometheus, ...droppedBy), state(second, ...droppedBy)),
      },
      'failed scrape/all-dropped',
    ],
    ['the dropped targets are refused', scraping(idleShard({ dropped: unread() })), 'unknown'],
    ['the active targets are refused', scraping(shard({ active: unread() })), 'unknown'],
    ['no pod could be asked', { prometheusStates: all({ ...state(), shards: [] }) }, 'unknown'],
    ['nothing is known of the Prometheus', { prometheusStates: all() }, 'unknown'],
    ['seconds after a reload', loadedAt('2026-11-22T09:59:50Z'), 'pending scrape/not-discovered (pending)'],
    ['a minute after a reload', loadedAt('2026-11-22T09:59:00Z'), 'failed scrape/not-discovered'],
    [
      'no target, and the pods are seconds old',
      { ...scraping(idleShard()), operatorPods: all(bornAt('2026-11-22T09:59:50Z')) },
      'pending scrape/not-discovered (pending)',
    ],
    [
      'no target, and the pods are half a minute old',
      { ...scraping(idleShard()), operatorPods: all(bornAt('2026-11-22T09:59:30Z')) },
      'failed scrape/not-discovered',
    ],
    [
      'no target, and one of two pods is older',
      { ...scraping(idleShard()), operatorPods: all(bornAt('2026-11-22T09:59:50Z'), operatorPod) },
      'failed scrape/not-discovered',
    ],
    [
      'no target, and the older of two pods leaves',
      { ...scraping(idleShard()), operatorPods: all(bornAt('2026-11-22T09:59:50Z'), leaving) },
      'pending scrape/not-discovered (pending)',
    ],
    ['no target, and no pod', { ...scraping(idleShard()), operatorPods: all() }, 'failed scrape/not-discovered'],
    [
      'one of two shards loaded seconds ago',
      scraping(
        idleShard(),
        idleShard({ runtime: read({ reloadConfigSuccess: true, lastConfigTime: '2026-11-22T09:59:50Z' }) }),
      ),
      'pending scrape/not-discovered (pending)',
    ],
    [
      'a job is asked for nothing where there is no endpoint',
      {
        serviceMonitors: all({ ...serviceMonitor, spec: { ...serviceMonitor.spec, endpoints: [] } }),
        ...scraping(shard({ active: read([]) })),
      },
      'failed scrape/not-discovered',
    ],
    ['no ServiceMonitor', { serviceMonitors: all() }, 'skipped'],
    ['no Prometheus', { prometheuses: all(), prometheusStates: all() }, 'skipped'],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await run(overrides))).toBe(wanted)
  })

  test('names the relabeling that drops the target, and takes it out', async () => {
    const rules = relabeled({ targetLabel: 'team', replacement: 'ml' }, dropsNamespace)
    const [finding] = findingsOf(await run({ ...dropping(droppedTarget()), ...rules }))
    expect(finding).toMatchObject({
      subject: { kind: 'ServiceMonitor', namespace: 'inference', name: 'dyn-dynamo-operator-operator' },
      evidence: [{ path: 'spec.endpoints[0].relabelings[1]', actual: JSON.stringify(dropsNamespace) }],
      fixes: [
        {
          id: 'remove-relabeling',
          at: 'live',
          steps: [{ do: 'patch', patch: [{ op: 'remove', path: '/spec/endpoints/0/relabelings/1' }] }],
        },
      ],
    })
  })

  test('names the Prometheus object where its scrape class drops the target', async () => {
    const object = withSpec({ scrapeClasses: [{ name: 'mesh', default: true, relabelings: [dropsNamespace] }] })
    const [finding] = findingsOf(await run({ ...dropping(droppedTarget()), prometheuses: all(object) }))
    expect(finding).toMatchObject({
      subject: { kind: 'Prometheus', namespace: 'observability', name: 'kps' },
      evidence: [{ path: 'spec.scrapeClasses[0].relabelings[0]' }],
      fixes: [{ id: 'correct-relabeling', risk: 'manual', at: 'source' }],
    })
  })

  test.each([
    ['the selector', { __meta_kubernetes_service_label_control_plane: 'planner' }, /labels do not match/],
    ['the port', { __meta_kubernetes_endpoint_port_name: 'webhook' }, /ports/],
    ['the phase', { __meta_kubernetes_pod_phase: 'Succeeded' }, /have ended/],
    ['no rule of the objects', {}, /do not show/],
  ])('says that %s drops it', async (_, labels, because) => {
    const [finding] = findingsOf(await run(dropping(droppedTarget(labels))))
    expect(finding?.because).toMatch(because)
  })

  test('of several dropped targets the one that came furthest tells', async () => {
    const webhook = droppedTarget({ __meta_kubernetes_endpoint_port_name: 'webhook' })
    const ended = droppedTarget({ __meta_kubernetes_pod_phase: 'Failed' })
    const [finding] = findingsOf(await run(dropping(webhook, ended, webhook)))
    expect(finding?.because).toMatch(/have ended/)
  })

  test('says where discovery can be looked at', async () => {
    const [finding] = findingsOf(await run(scraping(idleShard())))
    expect(finding).toMatchObject({
      subject: { kind: 'Prometheus', name: 'kps' },
      evidence: [{ expected: 'a target', actual: 'none, neither active nor dropped' }],
      fixes: [{ id: 'see-discovery', risk: 'manual' }],
    })
  })

  test.each<FactName>(['chains', 'serviceMonitors', 'prometheuses', 'prometheusStates'])(
    'is unknown without %s',
    async name => {
      expect(summary(await run(scraping(idleShard()), [name]))).toBe('unknown')
    },
  )
})

describe('where Prometheus has no target', () => {
  const folder = { name: 'token', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }
  const because = async (spec: Parameters<typeof withSpec>[0]) => {
    const prometheuses = all(withSpec(spec))
    const [finding] = findingsOf(await run({ ...scraping(idleShard()), prometheuses }))
    return [finding?.because, finding?.evidence.map(({ path }) => path), finding?.fixes[0]?.id]
  }
  const pool = '/api/v1/targets?scrapePool=serviceMonitor/inference/dyn-dynamo-operator-operator/0'
  const blind = [
    'the Prometheus object keeps the ServiceAccount’s token out of its pods, and without it discovery may ask the API server nothing',
    [pool, 'spec.automountServiceAccountToken'],
    'mount-token',
  ]
  const seeing = ['service discovery sees no endpoint of the Service', [pool], 'see-discovery']

  test.each<[what: string, spec: Parameters<typeof withSpec>[0], wanted: readonly unknown[]]>([
    ['its token is kept out of its pods', { automountServiceAccountToken: false }, blind],
    ['its token is mounted', { automountServiceAccountToken: true }, seeing],
    ['another way, in all containers', { automountServiceAccountToken: false, volumeMounts: [folder] }, seeing],
    [
      'another way, in one container',
      { automountServiceAccountToken: false, containers: [{ volumeMounts: [folder] }] },
      seeing,
    ],
    [
      'and something else besides',
      { automountServiceAccountToken: false, volumeMounts: [{ ...folder, mountPath: '/var/run/secrets/other' }] },
      blind,
    ],
    ['it logs in with something else', { automountServiceAccountToken: false, apiserverConfig: {} }, seeing],
  ])('says why: %s', async (_, spec, wanted) => {
    expect(await because(spec)).toEqual(wanted)
  })
})
