import { describe, expect, test } from 'vitest'
import { serviceEndpoints } from '../../../src/checks/service/service-endpoints.ts'
import { serviceExists } from '../../../src/checks/service/service-exists.ts'
import { servicePorts } from '../../../src/checks/service/service-ports.ts'
import { serviceSelectsPods } from '../../../src/checks/service/service-selects-pods.ts'
import type { Facts } from '../../../src/model/facts.ts'
import type { Container, KubernetesObject, Pod, Service } from '../../../src/model/kubernetes.ts'
import { application, applies, deployedBy } from '../../helm/argo-applications.ts'
import { findingsOf, runCheck, summary } from '../dashboard/healthy-facts.ts'
import {
  all,
  chain,
  healthyChain,
  onlyIn,
  operatorLabels,
  operatorPod,
  prometheus,
  release,
  service,
  state,
  syncedByArgoCd,
  target,
} from '../stack/healthy-chain.ts'

type Row = readonly [name: string, overrides: Partial<Facts>, wanted: string]

const enabled = 'dynamo-operator.metricsService.enabled'
const bare: Partial<Facts> = { chains: all(chain({ service: undefined })), operatorServices: all() }
const synced: Partial<Facts> = {
  ...bare,
  chains: all(chain({ service: undefined, workload: syncedByArgoCd })),
  releases: all(),
}
const stood = (object: KubernetesObject): Partial<Facts> => ({
  ...synced,
  serviceMonitors: all(),
  deployers: deployedBy(object, chain()),
})
const withService = (spec: NonNullable<Service['spec']>): Partial<Facts> => ({
  chains: all(chain({ service: { ...service, spec: { ...service.spec, ...spec } } })),
})

/** The port that the ServiceMonitor asks for. */
const leadsTo = (targetPort: string | number): Partial<Facts> =>
  withService({ ports: [{ name: 'metrics', port: 8080, targetPort }] })
const answering = (health: 'up' | 'down'): Partial<Facts> => ({
  prometheusStates: all(state(prometheus, { ...target, health })),
})
const down = answering('down')
const failedWrong = 'failed service/wrong-target-port'

const withContainers = (containers: readonly Container[], targetPort: number): Partial<Facts> => {
  const { workload } = chain()
  const template = { ...workload.spec?.template, spec: { containers } }
  const [led] = leadsTo(targetPort).chains?.items ?? []
  return {
    chains: all(chain({ service: led?.service, workload: { ...workload, spec: { ...workload.spec, template } } })),
  }
}
const own = chain().workload.spec?.template?.spec?.containers ?? []
const besideProxy = (number: number) =>
  withContainers([...own, { name: 'proxy', ports: [{ name: 'proxied', containerPort: number }] }], number)
const undeclaredMetrics = withContainers([{ name: 'manager', ports: [{ name: 'hooks', containerPort: 9443 }] }], 9443)

describe('service-exists', () => {
  test.each<Row>([
    ['it is there', {}, 'passed'],
    ['it is not, and collection is on by default', { ...bare, serviceMonitors: all() }, 'failed service/missing'],
    [
      'it is not, and collection was switched on',
      { ...bare, releases: all(release({ [enabled]: true })) },
      'failed service/missing',
    ],
    [
      'collection was switched off: no fault of the Service',
      { ...bare, releases: all(release({ [enabled]: false })) },
      'skipped',
    ],
    [
      'collection was switched off in a release of the same name elsewhere',
      { ...bare, releases: all({ ...release({ [enabled]: false }), namespace: 'staging' }, release()) },
      'failed service/missing',
    ],
    [
      'collection was switched off for one of two operators, and the other has no Service either',
      {
        ...bare,
        chains: all(chain({ service: undefined }), {
          ...chain({ service: undefined }),
          install: { by: 'helm', release: { namespace: 'staging', name: 'dyn' } },
        }),
        releases: all(release({ [enabled]: false }), { ...release(), namespace: 'staging' }),
      },
      'failed service/missing',
    ],
    [
      'collection was switched off for one of two operators',
      {
        ...bare,
        chains: all(chain(), { ...chain({ service: undefined }), id: 'staging/other' }),
        releases: all(release({ [enabled]: false })),
      },
      'passed',
    ],
    [
      'only the text "false" was set, which Helm takes for true',
      { ...bare, releases: all(release({ [enabled]: 'false' })) },
      'failed service/missing',
    ],
    [
      'no release is stored and no ServiceMonitor stands: it may be switched off',
      { ...synced, serviceMonitors: all() },
      'unknown',
    ],
    ['no release is stored, but its ServiceMonitor stands: collection is wanted', synced, 'failed service/missing'],
    [
      'the Application states that it is switched off',
      { ...synced, deployers: deployedBy(application({ parameters: [{ name: enabled, value: 'false' }] }), chain()) },
      'skipped',
    ],
    [
      'the Application states that it is switched on',
      { ...bare, ...stood(application({ parameters: [{ name: enabled, value: 'true' }] })) },
      'failed service/missing',
    ],
    [
      'Argo CD counts it among what it applies',
      stood(application({}, applies(chain().expected.service))),
      'failed service/missing',
    ],
    ['Argo CD renders the chart without it', stood(application({}, applies())), 'skipped'],
    [
      'Argo CD applies a folder without it',
      stood(application({}, { ...applies(), sourceType: 'Directory' })),
      'unknown',
    ],
    [
      'no release is stored, and the ServiceMonitor that stands is for something else',
      {
        ...synced,
        serviceMonitors: all({
          apiVersion: 'monitoring.coreos.com/v1',
          kind: 'ServiceMonitor',
          metadata: { name: 'web', namespace: 'inference' },
        }),
      },
      'unknown',
    ],
    [
      'Services may be read in other namespaces only',
      { ...bare, operatorServices: onlyIn(['staging', 'observability'], 'services') },
      'unknown',
    ],
    [
      'Services may be read in this namespace',
      { ...bare, operatorServices: onlyIn(['inference', 'observability'], 'services') },
      'failed service/missing',
    ],
    ['there is no operator', { chains: all() }, 'skipped'],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(serviceExists, healthyChain(overrides)))).toBe(wanted)
  })

  test('names the Service that the chart would give, and has the chart give it', async () => {
    const [finding] = findingsOf(await runCheck(serviceExists, healthyChain(bare)))
    expect(finding).toMatchObject({
      subject: { kind: 'Service', namespace: 'inference', name: 'dyn-dynamo-operator' },
      evidence: [{ actual: 'none' }],
      fixes: [
        {
          id: 'render-service-again',
          at: 'source',
          steps: [{ do: 'helm-upgrade', release: { namespace: 'inference', name: 'dyn' }, set: {} }],
        },
      ],
    })
    expect(finding?.about).toContainEqual(
      expect.objectContaining({ kind: 'Deployment', name: 'dyn-dynamo-operator-controller-manager' }),
    )
  })

  test('tells to sync where Argo CD deploys', async () => {
    const [finding] = findingsOf(await runCheck(serviceExists, healthyChain(synced)))
    expect(finding?.fixes[0]).toMatchObject({ id: 'deploy-service-again', risk: 'manual' })
  })

  test('has Argo CD sync again, where it still counts the Service among what it applies', async () => {
    const facts = healthyChain(stood(application({}, applies(chain().expected.service))))
    expect(findingsOf(await runCheck(serviceExists, facts))[0]).toMatchObject({
      because: expect.stringContaining('Application cd/serving lists it among what it applies'),
      evidence: [{}, { ref: { kind: 'Application' }, path: 'status.resources' }],
      fixes: [{ id: 'sync-again', risk: 'manual' }],
    })
  })

  test('names the release as what is missing where it may not be read', async () => {
    const outcome = await runCheck(serviceExists, healthyChain({ ...bare, serviceMonitors: all() }), {
      unavailable: ['releases'],
    })
    expect(outcome).toMatchObject({ outcome: 'unknown', unknown: [{ missing: [{ resource: 'releases' }] }] })
  })

  test.each(['chains', 'operatorServices'] as const)('is unknown without %s', async fact => {
    expect(summary(await runCheck(serviceExists, healthyChain(), { unavailable: [fact] }))).toBe('unknown')
  })
})

describe('service-ports', () => {
  test.each<Row>([
    ['a name that the container declares', {}, 'passed'],
    [
      'a name that none declares',
      withService({ ports: [{ name: 'https', port: 8443, targetPort: 'https' }] }),
      'failed service/target-port-undeclared',
    ],
    [
      'a number reaches the pod, declared or not',
      withService({ ports: [{ name: 'metrics', port: 8080, targetPort: 9999 }] }),
      'passed',
    ],
    ['no targetPort is the port’s own number', withService({ ports: [{ name: 'metrics', port: 8080 }] }), 'passed'],
    ['there is no Service', bare, 'skipped'],
    ['a name of the webhooks', leadsTo('webhook-server'), 'failed service/wrong-target-port'],
    ['the number of the webhooks', leadsTo(9443), 'failed service/wrong-target-port'],
    [
      'no targetPort, and the webhooks’ own number',
      withService({ ports: [{ name: 'metrics', port: 9443 }] }),
      'failed service/wrong-target-port',
    ],
    ['a number that nobody declares, where nothing answers', { ...leadsTo(8443), ...down }, failedWrong],
    ['such a number in files, which tell of no answer', leadsTo(8443), 'passed'],
    ['the number of the metrics, where nothing answers', { ...leadsTo(8080), ...down }, 'passed'],
    ['the webhooks’, which answer', { ...leadsTo(9443), ...answering('up') }, 'passed'],
    [
      'the webhooks’, for which no ServiceMonitor asks',
      {
        ...withService({
          ports: [
            { name: 'metrics', port: 8080, targetPort: 'metrics' },
            { name: 'hooks', port: 443, targetPort: 9443 },
          ],
        }),
      },
      'passed',
    ],
    ['a port of another container, where nothing answers', { ...besideProxy(9000), ...down }, 'passed'],
    ['any port, where no container says which is that of the metrics', undeclaredMetrics, 'passed'],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(servicePorts, healthyChain(overrides)))).toBe(wanted)
  })

  test('judges the port that the charts name, where ServiceMonitors may not be read', async () => {
    const outcome = await runCheck(servicePorts, healthyChain(leadsTo(9443)), { unavailable: ['serviceMonitors'] })
    expect(summary(outcome)).toBe(failedWrong)
  })

  test('names the port of the metrics and sends the port there', async () => {
    const [finding] = findingsOf(await runCheck(servicePorts, healthyChain(leadsTo(9443))))
    expect(finding).toMatchObject({
      subject: { kind: 'Service', name: 'dyn-dynamo-operator' },
      message: expect.stringContaining(
        'to 9443 (webhook-server), and the operator serves its metrics on 8080 (metrics)',
      ),
      evidence: [{ path: 'spec.ports[0].targetPort', expected: 'metrics, which is 8080', actual: '9443' }],
      fixes: [{ steps: [{ patch: [{ path: '/spec/ports/0/targetPort', value: 'metrics' }] }] }],
    })
  })

  test('points at the port, lists those that are there, and sends it to the metrics one of them', async () => {
    const ports = [
      { name: 'metrics', port: 8080, targetPort: 'metrics' },
      { name: 'https', port: 8443, targetPort: 'https' },
    ]
    const [finding] = findingsOf(await runCheck(servicePorts, healthyChain(withService({ ports }))))
    expect(finding).toMatchObject({
      subject: { kind: 'Service', name: 'dyn-dynamo-operator' },
      evidence: [{ path: 'spec.ports[1].targetPort', expected: 'one of webhook-server, metrics', actual: 'https' }],
      fixes: [
        {
          steps: [
            {
              do: 'patch',
              type: 'json',
              patch: [{ op: 'replace', path: '/spec/ports/1/targetPort', value: 'metrics' }],
            },
          ],
        },
      ],
    })
  })

  test('is unknown without chains', async () => {
    expect(summary(await runCheck(servicePorts, healthyChain(), { unavailable: ['chains'] }))).toBe('unknown')
  })
})

describe('service-selects-pods', () => {
  /** A target that discovery found through a Service of the operator's namespace. */
  const found = (health: 'up' | 'down', name = service.metadata.name): Partial<Facts> => {
    const discoveredLabels = {
      __meta_kubernetes_service_name: name,
      __meta_kubernetes_namespace: service.metadata.namespace ?? '',
    }
    return { prometheusStates: all(state(prometheus, { ...target, health, discoveredLabels })) }
  }
  test.each<Row>([
    ['the labels of the pod template', {}, 'passed'],
    ['some of them', withService({ selector: { 'control-plane': 'controller-manager' } }), 'passed'],
    ['another value', withService({ selector: { 'control-plane': 'controller' } }), 'failed service/selects-nothing'],
    [
      'a label that the pods have not',
      withService({ selector: { ...operatorLabels, tier: 'gold' } }),
      'failed service/selects-nothing',
    ],
    ['no selector', withService({ selector: null }), 'failed service/selects-nothing'],
    ['there is no Service', bare, 'skipped'],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(serviceSelectsPods, healthyChain(overrides)))).toBe(wanted)
  })

  const none = withService({ selector: {} })
  test.each<[what: string, overrides: Partial<Facts>, severity: string]>([
    ['no selector, and a target is up', { ...none, ...found('up') }, 'warning'],
    ['no selector, and its target is down', { ...none, ...found('down') }, 'error'],
    ['no selector, and a target of another Service is up', { ...none, ...found('up', 'dyn-planner') }, 'error'],
    [
      'another selector, and a target is still up',
      { ...withService({ selector: { 'control-plane': 'controller' } }), ...found('up') },
      'error',
    ],
  ])('how bad it is: %s', async (_, overrides, severity) => {
    const [finding] = findingsOf(await runCheck(serviceSelectsPods, healthyChain(overrides)))
    expect(finding?.severity ?? serviceSelectsPods.codes['service/selects-nothing'].severity).toBe(severity)
  })

  test('changes the keys that differ and no others', async () => {
    const selector = { ...operatorLabels, 'control-plane': 'controller', tier: 'gold' }
    const [finding] = findingsOf(await runCheck(serviceSelectsPods, healthyChain(withService({ selector }))))
    expect(finding?.evidence).toEqual([
      expect.objectContaining({
        path: 'spec.selector.control-plane',
        expected: 'control-plane = controller-manager',
        actual: 'control-plane = controller',
      }),
      expect.objectContaining({ path: 'spec.selector.tier', expected: 'no label tier', actual: 'tier = gold' }),
    ])
    expect(finding?.fixes[0]?.steps).toEqual([
      expect.objectContaining({ patch: { spec: { selector: { 'control-plane': 'controller-manager', tier: null } } } }),
    ])
  })

  test('gives a Service without a selector the labels of the pods', async () => {
    const [finding] = findingsOf(await runCheck(serviceSelectsPods, healthyChain(withService({ selector: null }))))
    expect(finding?.fixes[0]?.steps).toEqual([
      expect.objectContaining({ patch: { spec: { selector: operatorLabels } } }),
    ])
  })

  test('is unknown without chains', async () => {
    expect(summary(await runCheck(serviceSelectsPods, healthyChain(), { unavailable: ['chains'] }))).toBe('unknown')
  })
})

describe('service-endpoints', () => {
  const unready: Pod = {
    ...operatorPod,
    status: {
      phase: 'Pending',
      conditions: [{ type: 'Ready', status: 'False' }],
      containerStatuses: [
        { name: 'manager', ready: false, state: { waiting: { reason: 'ImagePullBackOff', message: 'not found' } } },
      ],
    },
  }
  const finished: Pod = { ...unready, status: { phase: 'Succeeded' } }

  test.each<Row>([
    ['a pod is ready', {}, 'passed'],
    ['none is', { operatorPods: all(unready) }, 'failed service/endpoints-not-ready'],
    ['one of two is', { operatorPods: all(unready, operatorPod) }, 'passed'],
    ['there is none: other checks say why', { operatorPods: all() }, 'skipped'],
    [
      'behind one of two Services there is none, and behind the other one is ready',
      { chains: all(chain(), chain({ service: { ...service, spec: { ...service.spec, selector: { a: 'b' } } } })) },
      'passed',
    ],
    [
      'a Service without a selector has no pod behind it',
      { ...withService({ selector: {} }), operatorPods: all(unready) },
      'skipped',
    ],
    ['a finished pod waits for nobody', { operatorPods: all(finished) }, 'skipped'],
    [
      'a pod that the Service does not select',
      { operatorPods: all({ ...unready, metadata: { ...unready.metadata, labels: {} } }) },
      'skipped',
    ],
    [
      'a pod of another namespace',
      { operatorPods: all({ ...unready, metadata: { ...unready.metadata, namespace: 'staging' } }) },
      'skipped',
    ],
    ['its pods may be where nothing may be read', { operatorPods: onlyIn(['staging'], 'pods') }, 'unknown'],
    ['there is no Service', bare, 'skipped'],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(serviceEndpoints, healthyChain(overrides)))).toBe(wanted)
  })

  test('is a warning that gives the pod’s reason', async () => {
    const [finding] = findingsOf(await runCheck(serviceEndpoints, healthyChain({ operatorPods: all(unready) })))
    expect(serviceEndpoints.codes['service/endpoints-not-ready'].severity).toBe('warning')
    expect(finding).toMatchObject({
      subject: { kind: 'Service', name: 'dyn-dynamo-operator' },
      evidence: [{ ref: { kind: 'Pod' }, actual: 'ImagePullBackOff: container manager: not found' }],
      fixes: [{ id: 'see-operator-pods', risk: 'manual' }],
    })
    expect(finding?.about).toContainEqual(expect.objectContaining({ kind: 'Pod', name: unready.metadata.name }))
  })

  test.each(['chains', 'operatorPods'] as const)('is unknown without %s', async fact => {
    expect(summary(await runCheck(serviceEndpoints, healthyChain(), { unavailable: [fact] }))).toBe('unknown')
  })
})
