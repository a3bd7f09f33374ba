import { describe, expect, it } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { openManifests } from '../../src/cluster/manifests.ts'
import { overlay } from '../../src/cluster/overlay.ts'
import { factSource } from '../../src/engine/fact-source.ts'
import { accessAnswers } from '../../src/facts/access-answers.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import type { Access, AccessAnswer, PolicyRule, Subject } from '../../src/model/rbac.ts'
import type { Read, Unavailable } from '../../src/model/read.ts'
import { type FakeCluster, fakeCluster, type World } from '../engine/fake-cluster.ts'
import { binding, clusterBinding, clusterRole, role } from '../kubernetes/policies.ts'

const account = { namespace: 'observability', name: 'kps' }
const own: Subject = { kind: 'ServiceAccount', ...account }
const listPods: Access = { verb: 'list', resource: 'pods', namespace: 'inference' }
const getMetrics: Access = { verb: 'get', path: '/metrics' }
const pods: PolicyRule = { apiGroups: [''], resources: ['pods'], verbs: ['list'] }
const services: PolicyRule = { ...pods, resources: ['services'] }
const granted = [clusterRole('kps', [pods]), clusterBinding('kps', own)]
const lacking = [clusterRole('kps', [services]), clusterBinding('kps', own)]

const no: Read<AccessAnswer> = { ok: true, value: { allowed: false } }
const yes: Read<AccessAnswer> = { ok: true, value: { allowed: true } }
const unavailable = (why: Unavailable['why']): Read<never> => ({
  ok: false,
  unavailable: { why, verb: 'create', resource: 'subjectaccessreviews.authorization.k8s.io', message: why },
})
const forbidden = unavailable('forbidden')

const answered = (cluster: Cluster, needs: readonly Access[], fallbackNamespaces: readonly string[] = []) => {
  const narrowing = { fallbackNamespaces }
  return accessAnswers({ cluster, narrowing, fact: factSource(cluster, narrowing).fact }, account, needs)
}

const live = (review: Read<AccessAnswer>, world: World): FakeCluster => ({
  ...fakeCluster(world),
  access: async () => review,
})

const refusing =
  (...kinds: readonly string[]): NonNullable<World['refuses']> =>
  ({ resource, namespace }) =>
    namespace === undefined && kinds.some(kind => resource.startsWith(`${kind}.`))

const said = (read: Awaited<ReturnType<typeof answered>>): string =>
  read.ok
    ? read.value.map(({ allowed, nearest }) => `${allowed ? 'yes' : 'no'}${nearest ? ', nearly' : ''}`).join('; ')
    : read.unavailable.why

describe('access answers, live', () => {
  it.each<[what: string, review: Read<AccessAnswer>, world: World, wanted: string]>([
    ['the review allows it', yes, {}, 'yes'],
    ['the review allows it, whatever the objects say', yes, { objects: lacking }, 'yes'],
    ['the review denies it, and nothing is near', no, {}, 'no'],
    ['the review denies it, and a role is near', no, { objects: lacking }, 'no, nearly'],
    ['the review denies it, whatever the objects say', no, { objects: granted }, 'no'],
    ['the review denies it, and no role may be read', no, { objects: lacking, refuses: () => true }, 'no'],
    ['no review, a role allows it', forbidden, { objects: granted }, 'yes'],
    ['no review, no role allows it', forbidden, { objects: lacking }, 'no, nearly'],
    ['no review, there is no role', forbidden, {}, 'no'],
    ['no review, nothing may be read', forbidden, { refuses: () => true }, 'forbidden'],
    ['no review, some of the roles', forbidden, { objects: lacking, refuses: refusing('roles') }, 'forbidden'],
    ['no review, no ClusterRoles', forbidden, { objects: lacking, refuses: refusing('clusterroles') }, 'forbidden'],
    ['no review, some of the roles allow it', forbidden, { objects: granted, refuses: refusing('roles') }, 'yes'],
    ['no answer in time', unavailable('timeout'), { objects: lacking }, 'timeout'],
    ['a recording without it', unavailable('not-recorded'), { objects: lacking }, 'not-recorded'],
  ])('%s', async (_, review, world, wanted) => {
    expect(said(await answered(live(review, world), [listPods]))).toBe(wanted)
  })

  it('reads no role where all is allowed', async () => {
    const cluster = live(yes, { objects: granted })
    await answered(cluster, [listPods, getMetrics])
    expect(cluster.asked).toEqual([])
  })

  it.each<[what: string, asked: Access, within: readonly string[], wanted: string]>([
    ['a namespace that was read', listPods, ['inference'], 'no'],
    ['another', listPods, ['observability'], 'forbidden'],
    ['none', getMetrics, [], 'no'],
  ])('with rights in a few namespaces, says no of %s', async (_, asked, within, wanted) => {
    const world: World = { refuses: refusing('roles', 'rolebindings') }
    expect(said(await answered(live(forbidden, world), [asked], within))).toBe(wanted)
  })
})

describe('access answers, of files', () => {
  const files = (...objects: readonly KubernetesObject[]) =>
    openManifests({
      files: [
        { name: 'files', text: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [unrelated, ...objects] }) },
      ],
    })
  const unrelated = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'unrelated', namespace: 'observability' } }

  it.each<[what: string, objects: readonly KubernetesObject[], wanted: string]>([
    ['a role allows it', granted, 'yes'],
    ['its role does not', lacking, 'no, nearly'],
    ['no binding is about the account', [clusterRole('kps', [pods])], 'not-live'],
    ['its role is not among them', [clusterRole('other', [pods]), clusterBinding('kps', own)], 'not-live'],
    ['one of its roles is not', [...lacking, clusterBinding('view', own)], 'not-live'],
    [
      'they hold no ClusterRole',
      [role('observability', 'kps', [pods]), binding('observability', 'Role', 'kps', own)],
      'not-live',
    ],
    ['they hold neither', [], 'not-live'],
    [
      'its ClusterRole aggregates one that allows it',
      [
        {
          ...clusterRole('kps', []),
          aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: 'yes' } }] },
        } as KubernetesObject,
        { ...clusterRole('part', [pods]), metadata: { name: 'part', labels: { part: 'yes' } } },
        clusterBinding('kps', own),
      ],
      'yes',
    ],
  ])('%s', async (_, objects, wanted) => {
    expect(said(await answered(files(...objects), [listPods]))).toBe(wanted)
  })

  it('that are laid over a cluster: reviews speak of the past where the files change roles', async () => {
    const before = live(yes, { objects: granted })
    expect(
      said(
        await answered(
          overlay(files(), before, () => true),
          [listPods],
        ),
      ),
    ).toBe('yes')
    expect(
      said(
        await answered(
          overlay(files(clusterRole('kps', [services])), before, () => true),
          [listPods],
        ),
      ),
    ).toBe('no, nearly')
  })
})
