import { describe, expect, it } from 'vitest'
import { collectionEnabled } from '../../../src/checks/operator/collection-enabled.ts'
import { operatorInstalled } from '../../../src/checks/operator/operator-installed.ts'
import { operatorPodsRunning } from '../../../src/checks/operator/operator-pods-running.ts'
import { operatorSupported } from '../../../src/checks/operator/operator-supported.ts'
import { chainOf } from '../../../src/dynamo/chain.ts'
import type { Chain } from '../../../src/model/chain.ts'
import type { ContainerState, Pod, Workload } from '../../../src/model/kubernetes.ts'
import { manager, proxy, workload } from '../../dynamo/workloads.ts'
import { application, applies, deployedBy } from '../../helm/argo-applications.ts'
import {
  all,
  chain,
  findingsOf,
  forbidden,
  healthyFacts,
  type Looked,
  operator,
  pod,
  release,
  runCheck,
  running,
  summary,
} from '../dashboard/healthy-facts.ts'

const waiting = (reason: string, message = ''): ContainerState => ({ waiting: { reason, message } })
const nobody = healthyFacts({ chains: all() })
const enabled = 'dynamo-operator.metricsService.enabled'
const withoutService = (install?: Chain['install']): Chain => {
  const bare = chainOf(operator, [])
  return install ? { ...bare, install } : bare
}
const ofArgoCd = withoutService({ by: 'argo-cd', application: 'serving' })
const old = chainOf(workload({ containers: [proxy(), manager()] }), [])
const scaledDown: Workload = { ...operator, spec: { ...operator.spec, replicas: 0 } }
const quota: Workload = {
  ...operator,
  status: {
    conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'pods "dyn-x" is forbidden:\nexceeded quota' }],
  },
}
const pods = (state: ContainerState, parts = {}): Partial<Looked> => ({
  operatorPods: all(pod(operator, 'dyn-0', { manager: state }, parts)),
})

const starting = pod(operator, 'dyn-1', { manager: waiting('ContainerCreating') }, { created: '2026-05-01T11:59:30Z' })
const started = (startedAt: string): ContainerState => ({ running: { startedAt } })
const unready = (state: ContainerState, parts = {}): Pod => {
  const one = pod(operator, 'dyn-0', { manager: state }, parts)
  return { ...one, status: { ...one.status, conditions: [{ type: 'Ready', status: 'False' }] } }
}
const leaving = (deletionTimestamp: string): Pod => {
  const one = pod(operator, 'dyn-0')
  return { ...one, metadata: { ...one.metadata, deletionTimestamp } }
}
const without = (workload: Workload): Partial<Looked> => ({ chains: all(chainOf(workload, [])), operatorPods: all() })
const createdAt = (creationTimestamp: string): Workload => ({
  ...operator,
  metadata: { ...operator.metadata, creationTimestamp },
})
const lostAt = (lastTransitionTime: string): Workload => ({
  ...operator,
  status: { conditions: [{ type: 'Available', status: 'False', lastTransitionTime }] },
})

describe('operator-installed', () => {
  it.each<[string, Looked, string]>([
    ['an operator', healthyFacts(), 'passed'],
    ['none', nobody, 'failed operator/not-installed'],
    [
      'none where one may look',
      healthyFacts({ chains: { items: [], unread: [forbidden('deployments.apps')] } }),
      'unknown',
    ],
  ])('%s', async (_, facts, wanted) => {
    expect(summary(await runCheck(operatorInstalled, facts))).toBe(wanted)
  })

  it('says which one it found', async () => {
    expect(await runCheck(operatorInstalled, healthyFacts())).toMatchObject({
      notes: ['inference/dyn-dynamo-operator-controller-manager, 1.4.2 (era 1.0)'],
    })
  })
})

describe('operator-supported', () => {
  it.each<[string, Looked, string]>([
    ['a recent one', healthyFacts(), 'passed'],
    ['one of 0.8', healthyFacts({ chains: all(old) }), 'failed operator/too-old'],
    ['both', healthyFacts({ chains: all(chain, old) }), 'failed operator/too-old'],
    ['none', nobody, 'skipped'],
  ])('%s', async (_, facts, wanted) => {
    expect(summary(await runCheck(operatorSupported, facts))).toBe(wanted)
  })

  it('is unknown where operators cannot be listed', async () => {
    expect(summary(await runCheck(operatorSupported, healthyFacts(), { unavailable: ['chains'] }))).toBe('unknown')
  })
})

describe('operator-pods-running', () => {
  it.each<[string, Partial<Looked>, string]>([
    ['a ready pod', {}, 'passed'],
    [
      'one ready pod of two',
      { operatorPods: all(pod(operator, 'a', { manager: waiting('ImagePullBackOff') }), pod(operator, 'b')) },
      'passed',
    ],
    ['no image', pods(waiting('ImagePullBackOff')), 'failed operator/image-unavailable'],
    ['a crash', pods(waiting('CrashLoopBackOff'), { restarts: 5 }), 'failed operator/not-ready'],
    ['a pod that never starts', pods(waiting('ContainerCreating')), 'failed operator/not-ready'],
    [
      'a pod that starts',
      pods(waiting('ContainerCreating'), { created: '2026-05-01T11:59:30Z' }),
      'pending operator/not-ready',
    ],
    [
      'a pod whose image took minutes, and whose container has just started',
      { operatorPods: all(unready(started('2026-05-01T11:59:30Z'))) },
      'pending operator/not-ready',
    ],
    [
      'the same, started anew',
      { operatorPods: all(unready(started('2026-05-01T11:59:30Z'), { restarts: 1 })) },
      'failed operator/not-ready',
    ],
    ['a pod that is leaving', { operatorPods: all(leaving('2026-05-01T12:00:10Z')) }, 'pending operator/not-ready'],
    [
      'a pod that should have left a minute ago',
      { operatorPods: all(leaving('2026-05-01T11:59:00Z')) },
      'failed operator/not-ready',
    ],
    [
      'a pod that should have left, beside one that starts',
      { operatorPods: all(leaving('2026-05-01T11:00:00Z'), starting) },
      'pending operator/not-ready',
    ],
    [
      'a pod that leaves, beside one that does not start',
      { operatorPods: all(leaving('2026-05-01T12:00:10Z'), pod(operator, 'dyn-1', { manager: waiting('Error') })) },
      'failed operator/not-ready',
    ],
    [
      'a pod that leaves, and another is refused',
      { chains: all(chainOf(quota, [])), operatorPods: all(leaving('2026-05-01T12:00:10Z')) },
      'failed operator/not-ready',
    ],
    [
      'a pod that starts, and another is refused',
      { chains: all(chainOf(quota, [])), operatorPods: all(starting) },
      'pending operator/not-ready',
    ],
    ['no pod', { operatorPods: all() }, 'failed operator/not-ready'],
    ['no pod of a new Deployment', without(createdAt('2026-05-01T11:59:50Z')), 'pending operator/not-ready'],
    ['no pod of one that is a minute old', without(createdAt('2026-05-01T11:59:00Z')), 'failed operator/not-ready'],
    ['no pod since seconds', without(lostAt('2026-05-01T11:59:50Z')), 'pending operator/not-ready'],
    ['no pod since a minute', without(lostAt('2026-05-01T11:59:00Z')), 'failed operator/not-ready'],
    [
      'no pod of a new Deployment, for it is refused',
      without({ ...createdAt('2026-05-01T11:59:50Z'), ...(quota.status ? { status: quota.status } : {}) }),
      'failed operator/not-ready',
    ],
    [
      'a young pod that crashed already',
      pods(waiting('CrashLoopBackOff'), { created: '2026-05-01T11:59:30Z', restarts: 1 }),
      'failed operator/not-ready',
    ],
    ['scaled to zero', { chains: all(chainOf(scaledDown, [])), operatorPods: all() }, 'failed operator/not-ready'],
    [
      'another workload’s pods',
      {
        operatorPods: all(
          pod(workload({ name: 'x' }), 'a'),
          pod({ ...operator, metadata: { ...operator.metadata, namespace: 'other' } }, 'b'),
        ),
      },
      'passed',
    ],
    ['no operator', { chains: all() }, 'skipped'],
    ['pods that may not be read', { operatorPods: { items: [], unread: [forbidden('pods', 'inference')] } }, 'unknown'],
  ])('%s', async (_, change, wanted) => {
    expect(summary(await runCheck(operatorPodsRunning, healthyFacts(change)))).toBe(wanted)
  })

  it('cannot call a pod new without the server’s clock', async () => {
    const facts = healthyFacts(pods(waiting('ContainerCreating'), { created: '2026-05-01T11:59:30Z' }))
    expect(summary(await runCheck(operatorPodsRunning, facts, { unavailable: ['server'] }))).toBe(
      'failed operator/not-ready',
    )
  })

  it('replaces the proxy’s lost image by a Helm value', async () => {
    const withProxy: Workload = {
      ...operator,
      spec: {
        ...operator.spec,
        template: { ...operator.spec?.template, spec: { containers: [proxy('--ignore-paths=/metrics'), manager()] } },
      },
    }
    const facts = healthyFacts({
      chains: all(chainOf(withProxy, [])),
      operatorPods: all(
        pod(withProxy, 'dyn-0', { 'kube-rbac-proxy': waiting('ErrImagePull', 'not\nfound'), manager: running }),
      ),
    })
    const [finding] = findingsOf(await runCheck(operatorPodsRunning, facts))
    expect(finding).toMatchObject({
      code: 'operator/image-unavailable',
      evidence: [
        { actual: 'ErrImagePull: not found', expected: 'gcr.io/kubebuilder/kube-rbac-proxy:v0.15.0 is pulled' },
      ],
      fixes: [
        {
          steps: [
            {
              do: 'helm-upgrade',
              release: { namespace: 'inference', name: 'dyn' },
              set: {
                'dynamo-operator.controllerManager.kubeRbacProxy.image.repository': 'quay.io/brancz/kube-rbac-proxy',
              },
            },
          ],
        },
      ],
    })
  })

  it('leaves the choice of another image to a person', async () => {
    const [finding] = findingsOf(await runCheck(operatorPodsRunning, healthyFacts(pods(waiting('ErrImagePull')))))
    expect(finding?.fixes[0]).toMatchObject({
      risk: 'manual',
      steps: [{ do: 'tell', text: expect.stringContaining('controllerManager.manager.image.repository') as string }],
    })
  })

  it.each<[string, Workload, string]>([
    ['scaled to zero', scaledDown, 'it is scaled to zero'],
    ['a quota', quota, 'no pod can be created: pods "dyn-x" is forbidden: exceeded quota'],
    ['nothing to be seen', operator, 'it has no pod'],
  ])('says why there is no pod: %s', async (_, given, because) => {
    const [finding] = findingsOf(
      await runCheck(operatorPodsRunning, healthyFacts({ chains: all(chainOf(given, [])), operatorPods: all() })),
    )
    expect(finding?.because).toBe(because)
  })
})

describe('operator-collection-enabled', () => {
  it.each<[string, Partial<Looked>, string]>([
    ['the Service is there', {}, 'passed'],
    ['… whatever the value says', { releases: all(release({ [enabled]: false })) }, 'passed'],
    [
      'switched off',
      { chains: all(withoutService()), releases: all(release({ [enabled]: false })) },
      'failed operator/collection-disabled',
    ],
    [
      'the text "false" is true for Helm',
      { chains: all(withoutService()), releases: all(release({ [enabled]: 'false' })) },
      'passed',
    ],
    [
      'null in 0.9, which takes the default away',
      { chains: all({ ...withoutService(), era: '0.9' }), releases: all(release({ [enabled]: null })) },
      'failed operator/collection-disabled',
    ],
    [
      'null from 1.0 on, which leaves it to the chart',
      { chains: all(withoutService()), releases: all(release({ [enabled]: null })) },
      'passed',
    ],
    ['left to itself', { chains: all(withoutService()) }, 'passed'],
    [
      'no release to be read',
      { chains: all(withoutService()), releases: { items: [], unread: [forbidden('secrets', 'inference')] } },
      'unknown',
    ],
    ['values kept elsewhere', { chains: all(ofArgoCd) }, 'unknown'],
    [
      'a value that the Application states',
      {
        chains: all(ofArgoCd),
        deployers: deployedBy(application({ parameters: [{ name: enabled, value: 'false' }] }), ofArgoCd),
      },
      'failed operator/collection-disabled',
    ],
    [
      '… as a text, which is true for Helm',
      {
        chains: all(ofArgoCd),
        deployers: deployedBy(
          application({ parameters: [{ name: enabled, value: 'false', forceString: true }] }),
          ofArgoCd,
        ),
      },
      'passed',
    ],
    [
      'a chart that Argo CD renders without the Service',
      { chains: all(ofArgoCd), deployers: deployedBy(application({}, applies()), ofArgoCd) },
      'failed operator/collection-disabled',
    ],
    [
      '… and one that it renders with it',
      { chains: all(ofArgoCd), deployers: deployedBy(application({}, applies(ofArgoCd.expected.service)), ofArgoCd) },
      'passed',
    ],
    [
      'an Application that has not compared yet',
      { chains: all(ofArgoCd), deployers: deployedBy(application(), ofArgoCd) },
      'unknown',
    ],
    [
      'Applications that may not be listed',
      { chains: all(ofArgoCd), deployers: { items: [], unread: [forbidden('applications.argoproj.io')] } },
      'unknown',
    ],
    [
      'manifests of Git that hold no Service, for whatever reason',
      {
        chains: all(ofArgoCd),
        deployers: deployedBy(application({}, { ...applies(), sourceType: 'Directory' }), ofArgoCd),
      },
      'unknown',
    ],
    ['an era that cannot be switched', { chains: all(old) }, 'skipped'],
    ['no operator', { chains: all() }, 'skipped'],
  ])('%s', async (_, change, wanted) => {
    expect(summary(await runCheck(collectionEnabled, healthyFacts(change)))).toBe(wanted)
  })

  it('names the revision that says so, and the upgrade that takes it back', async () => {
    const facts = healthyFacts({ chains: all(withoutService()), releases: all(release({ [enabled]: false })) })
    const [finding] = findingsOf(await runCheck(collectionEnabled, facts))
    expect(finding).toMatchObject({
      subject: { kind: 'Deployment', name: 'dyn-dynamo-operator-controller-manager' },
      evidence: [{ ref: { kind: 'Secret', name: 'sh.helm.release.v1.dyn.v4' }, path: enabled, actual: 'false' }, {}],
      fixes: [
        {
          steps: [{ do: 'helm-upgrade', set: { [enabled]: true }, release: { name: 'dyn', chart: 'dynamo-platform' } }],
        },
      ],
    })
    expect(finding?.about).toContainEqual(expect.objectContaining({ kind: 'Service', name: 'dyn-dynamo-operator' }))
  })

  it('names the Application that says so, and where its value belongs', async () => {
    const deployers = deployedBy(application({ parameters: [{ name: enabled, value: 'false' }] }), ofArgoCd)
    const facts = healthyFacts({ chains: all(ofArgoCd), releases: all(), deployers })
    expect(findingsOf(await runCheck(collectionEnabled, facts))[0]).toMatchObject({
      message: expect.stringMatching(/^Application cd\/serving switches the metrics of/),
      because: 'the value is set to false in the Application',
      evidence: [
        { ref: { kind: 'Application', namespace: 'cd', name: 'serving' }, path: enabled, actual: 'false' },
        {},
      ],
      fixes: [{ id: 'enable-collection', risk: 'manual', at: 'source' }],
    })
  })
})
