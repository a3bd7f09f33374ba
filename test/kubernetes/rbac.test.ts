import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fillAggregated, judgeAccess } from '../../src/kubernetes/rbac.ts'
import type { Access, PolicyRule, Role, RoleBinding, Subject } from '../../src/model/rbac.ts'
import { arbitraryPolicy, arbitraryQuestion } from '../differential/arbitrary-policies.ts'
import { binding, clusterBinding, clusterRole, role } from './policies.ts'

const account = { namespace: 'observability', name: 'kps' }
const own: Subject = { kind: 'ServiceAccount', ...account }
const pods: PolicyRule = { apiGroups: [''], resources: ['pods'], verbs: ['list'] }
const listPods: Access = { verb: 'list', resource: 'pods', namespace: 'inference' }

const judge = (roles: readonly Role[], bindings: readonly RoleBinding[], asked: Access = listPods) =>
  judgeAccess({ roles, bindings }, account, asked)
const allows = (rule: PolicyRule, asked: Access) =>
  judge([clusterRole('any', [rule])], [clusterBinding('any', own)], asked).allowed

describe('a rule', () => {
  it.each<[what: string, rule: PolicyRule, asked: Access, allowed: boolean]>([
    ['the very thing', pods, listPods, true],
    ['another verb', pods, { ...listPods, verb: 'watch' }, false],
    ['any verb', { ...pods, verbs: ['*'] }, listPods, true],
    ['another resource', pods, { ...listPods, resource: 'services' }, false],
    ['any resource', { ...pods, resources: ['*'] }, listPods, true],
    ['any resource, of a subresource', { ...pods, resources: ['*'] }, { ...listPods, resource: 'pods/log' }, true],
    ['the resource, of its subresource', pods, { ...listPods, resource: 'pods/log' }, false],
    ['the subresource', { ...pods, resources: ['pods/log'] }, { ...listPods, resource: 'pods/log' }, true],
    ['the subresource, of its resource', { ...pods, resources: ['pods/log'] }, listPods, false],
    ['that subresource of all', { ...pods, resources: ['*/log'] }, { ...listPods, resource: 'pods/log' }, true],
    ['a subresource of all, of a resource', { ...pods, resources: ['*/log'] }, listPods, false],
    [
      'a star behind the slash is no pattern',
      { ...pods, resources: ['pods/*'] },
      { ...listPods, resource: 'pods/log' },
      false,
    ],
    ['another group', { ...pods, apiGroups: ['apps'] }, listPods, false],
    ['no group at all', { ...pods, apiGroups: null }, listPods, false],
    ['any group', { ...pods, apiGroups: ['*'] }, { ...listPods, group: 'metrics.k8s.io' }, true],
    ['a named object', { ...pods, resourceNames: ['a'] }, { ...listPods, verb: 'list', name: 'a' }, true],
    ['another named object', { ...pods, resourceNames: ['a'] }, { ...listPods, name: 'b' }, false],
    ['a list names nothing', { ...pods, resourceNames: ['a'] }, listPods, false],
    ['names know no star', { ...pods, resourceNames: ['*'] }, { ...listPods, name: 'a' }, false],
    ['a path', { nonResourceURLs: ['/metrics'], verbs: ['get'] }, { verb: 'get', path: '/metrics' }, true],
    ['a longer path', { nonResourceURLs: ['/metrics'], verbs: ['get'] }, { verb: 'get', path: '/metrics/x' }, false],
    ['any rest of a path', { nonResourceURLs: ['/met*'], verbs: ['get'] }, { verb: 'get', path: '/metrics' }, true],
    [
      'the rest may be nothing',
      { nonResourceURLs: ['/metrics*'], verbs: ['get'] },
      { verb: 'get', path: '/metrics' },
      true,
    ],
    [
      'a star inside is none',
      { nonResourceURLs: ['/*/metrics'], verbs: ['get'] },
      { verb: 'get', path: '/a/metrics' },
      false,
    ],
    ['any path', { nonResourceURLs: ['*'], verbs: ['*'] }, { verb: 'get', path: '/metrics' }, true],
    [
      'any object is no path',
      { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
      { verb: 'get', path: '/metrics' },
      false,
    ],
    ['any path is no object', { nonResourceURLs: ['*'], verbs: ['*'] }, listPods, false],
    ['nothing', {}, listPods, false],
  ])('%s', (_, rule, asked, allowed) => {
    expect(allows(rule, asked)).toBe(allowed)
  })
})

describe('a binding', () => {
  const reader = clusterRole('reader', [pods])
  const local = role('inference', 'reader', [pods])
  const homeless: Subject = { kind: 'ServiceAccount', name: 'kps' }
  const user: Subject = { kind: 'User', name: 'system:serviceaccount:observability:kps' }
  const group = (name: string): Subject => ({ kind: 'Group', name })

  it.each<[what: string, roles: readonly Role[], one: RoleBinding, allowed: boolean]>([
    ['of the cluster', [reader], clusterBinding('reader', own), true],
    ['of the namespace, to a ClusterRole', [reader], binding('inference', 'ClusterRole', 'reader', own), true],
    ['of the namespace, to a Role', [local], binding('inference', 'Role', 'reader', own), true],
    ['of another namespace', [reader], binding('observability', 'ClusterRole', 'reader', own), false],
    [
      'to a Role that is elsewhere',
      [role('observability', 'reader', [pods])],
      binding('inference', 'Role', 'reader', own),
      false,
    ],
    ['to a Role, not to the ClusterRole of its name', [reader], binding('inference', 'Role', 'reader', own), false],
    ['to what is not there', [], clusterBinding('reader', own), false],
    ['of the account as a user', [reader], clusterBinding('reader', user), true],
    ['of all accounts', [reader], clusterBinding('reader', group('system:serviceaccounts')), true],
    [
      'of the namespace’s accounts',
      [reader],
      clusterBinding('reader', group('system:serviceaccounts:observability')),
      true,
    ],
    [
      'of another namespace’s accounts',
      [reader],
      clusterBinding('reader', group('system:serviceaccounts:inference')),
      false,
    ],
    ['of everybody who is known', [reader], clusterBinding('reader', group('system:authenticated')), true],
    ['of those who are not', [reader], clusterBinding('reader', group('system:unauthenticated')), false],
    ['of a namesake', [reader], clusterBinding('reader', { ...own, namespace: 'monitoring' }), false],
    ['of a user called like the account', [reader], clusterBinding('reader', { kind: 'User', name: 'kps' }), false],
    ['of an account without a namespace', [reader], clusterBinding('reader', homeless), false],
    ['of one of its own namespace', [reader], binding('inference', 'ClusterRole', 'reader', homeless), false],
    ['of nobody', [reader], { ...clusterBinding('reader'), subjects: null }, false],
  ])('%s', (_, roles, one, allowed) => {
    expect(judge(roles, [one]).allowed).toBe(allowed)
  })

  it('in a namespace grants nothing in all of them, and no path', () => {
    const all = clusterRole('all', [
      { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
      { nonResourceURLs: ['*'], verbs: ['*'] },
    ])
    const bindings = [binding('inference', 'ClusterRole', 'all', own)]
    expect(judge([all], bindings, { verb: 'list', resource: 'pods' }).allowed).toBe(false)
    expect(judge([all], bindings, { verb: 'get', path: '/metrics' }).allowed).toBe(false)
  })

  it('is named with its role where it grants', () => {
    expect(judge([reader], [clusterBinding('reader', own)])).toMatchObject({
      allowed: true,
      binding: { kind: 'ClusterRoleBinding', name: 'reader' },
      role: { kind: 'ClusterRole', name: 'reader' },
    })
  })
})

describe('a ClusterRole that aggregates others', () => {
  const part = (name: string, labels: Readonly<Record<string, string>>, rules = [pods]) => ({
    ...clusterRole(name, rules),
    metadata: { name, labels },
  })
  const whole = (name: string, key: string, labels = {}): Role => ({
    ...part(name, labels, []),
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [key]: 'yes' } }] },
  })
  const rulesOf = (roles: readonly Role[], name: string) =>
    fillAggregated(roles).find(({ metadata }) => metadata.name === name)?.rules

  it.each<[what: string, roles: readonly Role[], rules: readonly PolicyRule[]]>([
    ['has their rules', [whole('whole', 'a'), part('part', { a: 'yes' })], [pods]],
    ['and not those of others', [whole('whole', 'a'), part('part', { b: 'yes' })], []],
    ['and not its own', [{ ...whole('whole', 'a'), rules: [pods] }], []],
    [
      'also by way of another',
      [whole('whole', 'a'), whole('between', 'b', { a: 'yes' }), part('part', { b: 'yes' })],
      [pods],
    ],
    [
      'in a circle',
      [whole('whole', 'a', { b: 'yes' }), whole('other', 'b', { a: 'yes' }), part('part', { b: 'yes' })],
      [pods],
    ],
    ['and none of Roles', [whole('whole', 'a'), { ...part('part', { a: 'yes' }), kind: 'Role' }], []],
    ['with no selector', [{ ...whole('whole', 'a'), aggregationRule: {} }, part('part', { a: 'yes' })], []],
  ])('%s', (_, roles, rules) => {
    expect(rulesOf(roles, 'whole')).toEqual(rules)
  })

  it('is filled in soon, however many select each other', () => {
    const many = Array.from({ length: 60 }, (_, index) => whole(`whole-${index}`, 'a', { a: 'yes' }))
    expect(rulesOf([...many, part('part', { a: 'yes' })], 'whole-0')).toEqual([pods])
  })
})

describe('what comes nearest', () => {
  const services = { ...pods, resources: ['services'] }

  it.each<[what: string, roles: readonly Role[], bindings: readonly RoleBinding[], asked: Access, evidence: object]>([
    [
      'a role without the resource',
      [clusterRole('other', [{ ...pods, verbs: ['get'], resources: ['nodes'] }]), clusterRole('kps', [services])],
      [clusterBinding('other', own), clusterBinding('kps', own)],
      listPods,
      {
        ref: { kind: 'ClusterRole', name: 'kps' },
        path: 'rules',
        expected: 'list pods in namespace inference',
        actual: 'no such rule; the nearest allows list on services',
      },
    ],
    [
      'a binding in a namespace only',
      [clusterRole('kps', [pods])],
      [binding('observability', 'ClusterRole', 'kps', own)],
      { verb: 'list', resource: 'pods' },
      { ref: { kind: 'RoleBinding', namespace: 'observability' }, path: 'kind', expected: 'ClusterRoleBinding' },
    ],
    [
      'a binding in the wrong namespace',
      [clusterRole('kps', [pods])],
      [binding('observability', 'ClusterRole', 'kps', own)],
      listPods,
      { path: 'kind', expected: 'ClusterRoleBinding, or RoleBinding in namespace inference' },
    ],
    [
      'a binding of a namesake',
      [clusterRole('kps', [pods])],
      [clusterBinding('kps', { ...own, namespace: 'monitoring' })],
      listPods,
      {
        ref: { kind: 'ClusterRoleBinding', name: 'kps' },
        path: 'subjects',
        expected: 'ServiceAccount observability/kps',
        actual: 'ServiceAccount monitoring/kps',
      },
    ],
    [
      'a binding to a role that is not there',
      [],
      [clusterBinding('kps', own)],
      listPods,
      { ref: { kind: 'ClusterRoleBinding', name: 'kps' }, path: 'roleRef', expected: 'ClusterRole kps' },
    ],
    [
      'a rule that is limited to names',
      [clusterRole('kps', [{ ...pods, resourceNames: ['a'] }])],
      [clusterBinding('kps', own)],
      listPods,
      { actual: 'no such rule; the nearest allows list on pods named a' },
    ],
    [
      'no rule about objects, where a path is asked for',
      [clusterRole('kps', [{ ...pods, verbs: ['get'] }])],
      [clusterBinding('kps', own)],
      { verb: 'get', path: '/metrics' },
      { path: 'rules', expected: 'get /metrics', actual: 'no such rule' },
    ],
  ])('%s', (_, roles, bindings, asked, evidence) => {
    expect(judge(roles, bindings, asked)).toMatchObject({ allowed: false, nearest: { evidence } })
  })

  it('is nothing where no binding is about the account', () => {
    const everybody: Subject = { kind: 'Group', name: 'system:authenticated' }
    expect(judge([clusterRole('kps', [services])], [clusterBinding('kps', everybody)])).toEqual({ allowed: false })
  })
})

describe('any policy', () => {
  it('allows no less with one more binding', () => {
    fc.assert(
      fc.property(
        arbitraryPolicy,
        arbitraryQuestion,
        fc.nat(10),
        ({ roles, bindings }, { account: who, asked }, left) => {
          const fewer = judgeAccess({ roles, bindings: bindings.filter((_, index) => index !== left) }, who, asked)
          return !fewer.allowed || judgeAccess({ roles, bindings }, who, asked).allowed
        },
      ),
    )
  })

  it('does not depend on order', () => {
    fc.assert(
      fc.property(arbitraryPolicy, arbitraryQuestion, ({ roles, bindings }, { account: who, asked }) => {
        const turned = { roles: [...roles].reverse(), bindings: [...bindings].reverse() }
        return judgeAccess(turned, who, asked).allowed === judgeAccess({ roles, bindings }, who, asked).allowed
      }),
    )
  })

  it('allows in a namespace what it allows in all', () => {
    fc.assert(
      fc.property(arbitraryPolicy, arbitraryQuestion, (policy, { account: who, asked }) => {
        if (asked.path !== undefined) return true
        const { namespace = 'policy-a', ...everywhere } = asked
        return (
          !judgeAccess(policy, who, everywhere).allowed || judgeAccess(policy, who, { ...asked, namespace }).allowed
        )
      }),
    )
  })
})
