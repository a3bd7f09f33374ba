import fc from 'fast-check'
import type { Policy, ServiceAccount } from '../../src/kubernetes/rbac.ts'
import type { Access, PolicyRule, Role, RoleBinding, Subject } from '../../src/model/rbac.ts'

/** Of the names of everything made here. */
export const prefix = 'policy-'

/** Few names, so that rules, bindings and questions meet. */
export const namespaces = ['policy-a', 'policy-b'] as const
const accountNames = ['reader', 'default'] as const
const clusterRoles = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'all', 'more'].map(name => `${prefix}${name}`)
const namespacedRoles = ['r0', 'r1', 'c0'].map(name => `${prefix}${name}`)
const aggregateKey = 'policy.test/aggregate'

const apiVersion = 'rbac.authorization.k8s.io/v1'
const verb = fc.constantFrom('get', 'list', 'watch', '*')
const group = fc.constantFrom('', 'apps', 'discovery.k8s.io', '*')
const resource = fc.constantFrom('pods', 'pods/log', 'pods/*', '*/log', 'services', 'endpointslices', '*')
const name = fc.constantFrom('a', 'b')
const url = fc.constantFrom('/metrics', '/metrics/', '/metrics/*', '/met*', '/healthz', '*')
const some = <T>(of: fc.Arbitrary<T>) => fc.uniqueArray(of, { minLength: 1, maxLength: 2 })

const objectRule: fc.Arbitrary<PolicyRule> = fc.record(
  {
    verbs: some(verb),
    apiGroups: some(group),
    resources: some(resource),
    resourceNames: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: some(name) }),
  },
  { requiredKeys: ['verbs', 'apiGroups', 'resources'] },
)
const pathRule: fc.Arbitrary<PolicyRule> = fc.record({ verbs: some(verb), nonResourceURLs: some(url) })
const clusterRules = fc.array(fc.oneof({ weight: 2, arbitrary: objectRule }, { weight: 1, arbitrary: pathRule }), {
  maxLength: 3,
})

const account: fc.Arbitrary<ServiceAccount> = fc.record({
  namespace: fc.constantFrom(...namespaces),
  name: fc.constantFrom(...accountNames),
})

const subject: fc.Arbitrary<Subject> = fc.oneof(
  { weight: 4, arbitrary: account.map(one => ({ kind: 'ServiceAccount', ...one })) },
  {
    weight: 1,
    arbitrary: account.map(one => ({ kind: 'User', name: `system:serviceaccount:${one.namespace}:${one.name}` })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'Group', name: 'system:serviceaccounts:policy-a' }) },
)
/** Only a RoleBinding has a namespace that a subject without one can mean. */
const homeless: fc.Arbitrary<Subject> = fc
  .constantFrom(...accountNames)
  .map(own => ({ kind: 'ServiceAccount', name: own }))

const clusterRole = (own: string): fc.Arbitrary<Role> => {
  const metadata = fc.constantFrom<Readonly<Record<string, string>>>(
    {},
    { [aggregateKey]: 'x' },
    { [aggregateKey]: 'y' },
  )
  const aggregates: Readonly<Record<string, readonly string[]>> = { 'policy-all': ['x', 'y'], 'policy-more': ['y'] }
  const selected = aggregates[own]
  return fc.record({ rules: clusterRules, labels: metadata }).map(({ rules, labels }) => ({
    apiVersion,
    kind: 'ClusterRole',
    metadata: { name: own, labels },
    ...(selected
      ? {
          aggregationRule: {
            clusterRoleSelectors: selected.map(value => ({ matchLabels: { [aggregateKey]: value } })),
          },
        }
      : { rules }),
  }))
}

const role = (namespace: string, own: string): fc.Arbitrary<Role> =>
  fc
    .array(objectRule, { maxLength: 2 })
    .map(rules => ({ apiVersion, kind: 'Role', metadata: { namespace, name: own }, rules }))

const clusterBinding = (at: number): fc.Arbitrary<RoleBinding> =>
  fc
    .record({ subjects: fc.array(subject, { maxLength: 2 }), role: fc.constantFrom(...clusterRoles, `${prefix}none`) })
    .map(({ subjects, role: bound }) => ({
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name: `${prefix}${at}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: bound },
      subjects,
    }))

const roleBinding = (namespace: string, at: number): fc.Arbitrary<RoleBinding> =>
  fc
    .record({
      subjects: fc.array(fc.oneof({ weight: 3, arbitrary: subject }, { weight: 1, arbitrary: homeless }), {
        maxLength: 2,
      }),
      role: fc.oneof(
        fc.constantFrom(...clusterRoles).map(own => ({ kind: 'ClusterRole', name: own })),
        fc.constantFrom(...namespacedRoles, `${prefix}none`).map(own => ({ kind: 'Role', name: own })),
      ),
    })
    .map(({ subjects, role: bound }) => ({
      apiVersion,
      kind: 'RoleBinding',
      metadata: { namespace, name: `${prefix}${at}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', ...bound },
      subjects,
    }))

/** Roles and bindings that the API server accepts. Those that a binding names need not exist. */
export const arbitraryPolicy: fc.Arbitrary<Policy> = fc.record({
  roles: fc.tuple(
    ...clusterRoles.map(clusterRole),
    ...namespaces.flatMap(namespace => namespacedRoles.map(own => role(namespace, own))),
  ),
  bindings: fc.tuple(
    ...[0, 1, 2].map(clusterBinding),
    ...namespaces.flatMap(namespace => [0, 1, 2, 3].map(at => roleBinding(namespace, at))),
  ),
})

const arbitraryAccess: fc.Arbitrary<Access> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      {
        verb: fc.constantFrom('get', 'list', 'watch', 'create'),
        group: fc.constantFrom('', 'apps', 'discovery.k8s.io'),
        resource: fc.constantFrom('pods', 'pods/log', 'services', 'services/log', 'endpointslices'),
        namespace: fc.constantFrom(...namespaces),
        name,
      },
      { requiredKeys: ['verb', 'group', 'resource'] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      verb: fc.constantFrom('get', 'list'),
      path: fc.constantFrom('/metrics', '/metrics/', '/metrics/x', '/meter', '/healthz', '/'),
    }),
  },
)

export const arbitraryQuestion = fc.record({ account, asked: arbitraryAccess })
