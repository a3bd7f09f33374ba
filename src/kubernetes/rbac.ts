import type { KubernetesObject } from '../model/kubernetes.ts'
import type { ObjectRef } from '../model/object-ref.ts'
import type { Access, NearMiss, PolicyRule, Role, RoleBinding, Subject } from '../model/rbac.ts'
import { matchSelector } from './label-selector.ts'
import { formatRef, refOf, serviceAccountRef } from './object-ref.ts'

export interface Policy {
  readonly roles: readonly Role[]
  readonly bindings: readonly RoleBinding[]
}

export interface ServiceAccount {
  readonly namespace: string
  readonly name: string
}

export type AccessVerdict =
  | { readonly allowed: true; readonly binding: ObjectRef; readonly role: ObjectRef }
  | { readonly allowed: false; readonly nearest?: NearMiss }

/**
 * Whether Roles and bindings let a ServiceAccount do something, as the API server's RBAC authorizer decides: there are
 * only grants, so one rule of one role that reaches the account is enough. What other authorizers allow is not seen.
 * Upstream: plugin/pkg/auth/authorizer/rbac, pkg/registry/rbac/validation.
 */
export const judgeAccess = ({ roles, bindings }: Policy, account: ServiceAccount, asked: Access): AccessVerdict => {
  const bound = bindings.map(binding => ({ binding, role: roleOf(binding, roles) }))
  const granting = bound.find(
    ({ binding, role }) =>
      reaches(binding, asked) && subjectsOf(binding).some(subject => isAbout(subject, account)) && grants(role, asked),
  )
  if (granting) return { allowed: true, binding: refOf(granting.binding), role: roleRefOf(granting.binding) }
  const [nearest] = bound.flatMap(one => missOf(one, account, asked)).sort((a, b) => a.distance - b.distance)
  return { allowed: false, ...(nearest ? { nearest: nearest.miss } : {}) }
}

/**
 * ClusterRoles with the rules that the controller of kube-controller-manager fills into those that aggregate others.
 * It overwrites their own. In a cluster it has done so; in files nobody has.
 */
export const fillAggregated = (roles: readonly Role[]): readonly Role[] =>
  roles.map(role => (role.aggregationRule ? { ...role, rules: aggregatedRules(role, roles) } : role))

/** Whether a binding names this account itself, and not only a group that it is in. */
export const namesAccount = (binding: RoleBinding, account: ServiceAccount): boolean =>
  subjectsOf(binding).some(subject => subject.kind !== 'Group' && isAbout(subject, account))

/** The role that a binding grants; undefined where it does not exist. A Role is looked for in the binding's namespace. */
export const roleOf = (binding: RoleBinding, roles: readonly Role[]): Role | undefined => {
  const { kind, name, namespace } = roleRefOf(binding)
  return roles.find(
    ({ kind: other, metadata }) => other === kind && metadata.name === name && metadata.namespace === namespace,
  )
}

/** As `kubectl auth can-i` says it: `list endpointslices.discovery.k8s.io in namespace x`. */
export const inWords = (asked: Access): string =>
  asked.path !== undefined
    ? `${asked.verb} ${asked.path}`
    : `${asked.verb} ${asked.resource}${asked.group ? `.${asked.group}` : ''}${asked.name === undefined ? '' : `/${asked.name}`} ${
        asked.namespace === undefined ? 'in all namespaces' : `in namespace ${asked.namespace}`
      }`

const roleRefOf = ({ apiVersion, metadata, roleRef: { kind, name } }: RoleBinding): ObjectRef =>
  kind === 'Role' && metadata.namespace !== undefined
    ? { apiVersion, kind, namespace: metadata.namespace, name }
    : { apiVersion, kind, name }

/** A ClusterRoleBinding reaches everything; a RoleBinding the objects of its namespace, and no path. */
const reaches = ({ kind, metadata }: RoleBinding, asked: Access): boolean =>
  kind === 'ClusterRoleBinding' || (asked.path === undefined && asked.namespace === metadata.namespace)

/** Subjects as they are compared: a ServiceAccount without a namespace is one of the binding's own. */
const subjectsOf = ({ metadata, subjects }: RoleBinding): readonly Subject[] =>
  (subjects ?? []).map(subject =>
    subject.kind === 'ServiceAccount' && !subject.namespace && metadata.namespace !== undefined
      ? { ...subject, namespace: metadata.namespace }
      : subject,
  )

const isAbout = ({ kind, name, namespace }: Subject, account: ServiceAccount): boolean => {
  if (kind === 'ServiceAccount') return name === account.name && namespace === account.namespace
  if (kind === 'User') return name === `system:serviceaccount:${account.namespace}:${account.name}`
  return kind === 'Group' && groupsOf(account).includes(name)
}

const groupsOf = ({ namespace }: ServiceAccount): readonly string[] => [
  'system:serviceaccounts',
  `system:serviceaccounts:${namespace}`,
  'system:authenticated',
]

const grants = (role: Role | undefined, asked: Access): boolean =>
  (role?.rules ?? []).some(rule => gapsOf(rule, asked).length === 0)

/** In which respects a rule leaves out what is asked. Upstream: VerbMatches and its neighbours. */
const gapsOf = (rule: PolicyRule, asked: Access): readonly (keyof PolicyRule)[] => {
  const fits: Partial<Record<keyof PolicyRule, boolean>> =
    asked.path !== undefined
      ? { verbs: has(rule.verbs, asked.verb), nonResourceURLs: coversPath(rule.nonResourceURLs ?? [], asked.path) }
      : {
          verbs: has(rule.verbs, asked.verb),
          apiGroups: has(rule.apiGroups, asked.group ?? ''),
          resources: coversResource(rule.resources ?? [], asked.resource),
          resourceNames: (rule.resourceNames ?? []).length === 0 || isNamedIn(rule, asked.name),
        }
  return (Object.keys(fits) as (keyof PolicyRule)[]).filter(respect => !fits[respect])
}

const has = (values: readonly string[] | null | undefined, wanted: string): boolean =>
  (values ?? []).some(value => value === '*' || value === wanted)

/** A `*` at the end stands for any rest, one elsewhere for itself. */
const coversPath = (urls: readonly string[], path: string): boolean =>
  urls.some(url => url === path || (url.endsWith('*') && path.startsWith(url.replace(/\*+$/, ''))))

/** `*` covers subresources as well; `pods` does not cover `pods/log`; `*` before a slash covers that subresource of all. */
const coversResource = (resources: readonly string[], wanted: string): boolean => {
  const subresource = wanted.split('/')[1]
  return has(resources, wanted) || (!!subresource && resources.includes(`*/${subresource}`))
}

/** Names know no `*`. A list or a create names nothing, so that a rule limited to names never covers it. */
const isNamedIn = ({ resourceNames }: PolicyRule, name: string | undefined): boolean =>
  (resourceNames ?? []).includes(name ?? '')

/** The rules of all that are selected, and of what those select in turn, each ClusterRole once. */
const aggregatedRules = (role: Role, roles: readonly Role[]): readonly PolicyRule[] => {
  const reached = new Set([role])
  for (const { aggregationRule } of reached)
    for (const selector of aggregationRule?.clusterRoleSelectors ?? [])
      for (const other of roles)
        if (other.kind === 'ClusterRole' && matchSelector(selector, other.metadata.labels).matches) reached.add(other)
  return [...reached].flatMap(({ aggregationRule, rules }) => (aggregationRule ? [] : (rules ?? [])))
}

interface Bound {
  readonly binding: RoleBinding
  readonly role: Role | undefined
}

/** What about one binding is in the way; nothing where it was never meant for this. The smaller the distance, the likelier. */
const missOf = (
  { binding, role }: Bound,
  account: ServiceAccount,
  asked: Access,
): readonly { readonly distance: number; readonly miss: NearMiss }[] => {
  const own = namesAccount(binding, account)
  const would = grants(role, asked)
  const at = (distance: number, object: KubernetesObject, path: string, expected: string, actual: string) => [
    {
      distance,
      miss: {
        binding: refOf(binding),
        role: roleRefOf(binding),
        object: headOf(object),
        evidence: { ref: refOf(object), path, expected, actual },
      },
    },
  ]
  if (own && would) return at(0, binding, 'kind', bindingFor(asked), narrowness(binding))
  const namesake = subjectsOf(binding).find(({ kind, name }) => kind === 'ServiceAccount' && name === account.name)
  if (!own && would && namesake && reaches(binding, asked)) {
    const wanted = formatRef(serviceAccountRef(account.namespace, account.name))
    return at(1, binding, 'subjects', wanted, `ServiceAccount ${namesake.namespace ?? ''}/${namesake.name}`)
  }
  if (!own) return []
  if (!role) return at(2, binding, 'roleRef', formatRef(roleRefOf(binding)), 'no such role')
  if (!reaches(binding, asked)) return []
  const { gaps, actual } = nearestRule(role, asked)
  return at(2 + gaps, role, 'rules', inWords(asked), actual)
}

const bindingFor = (asked: Access): string =>
  asked.path !== undefined || asked.namespace === undefined
    ? 'ClusterRoleBinding'
    : `ClusterRoleBinding, or RoleBinding in namespace ${asked.namespace}`

const narrowness = ({ metadata }: RoleBinding): string =>
  `RoleBinding: what it grants ends at namespace ${metadata.namespace}`

const headOf = ({ apiVersion, kind, metadata }: KubernetesObject): KubernetesObject => ({ apiVersion, kind, metadata })

/** Rules of the same sort that lack only one thing are worth quoting. */
const nearestRule = (role: Role, asked: Access): { readonly gaps: number; readonly actual: string } => {
  const [nearest] = (role.rules ?? [])
    .filter(({ nonResourceURLs }) => Boolean(nonResourceURLs?.length) === (asked.path !== undefined))
    .map(rule => ({ rule, gaps: gapsOf(rule, asked).length }))
    .sort((a, b) => a.gaps - b.gaps)
  return nearest?.gaps === 1
    ? { gaps: 1, actual: `no such rule; the nearest allows ${ruleInWords(nearest.rule)}` }
    : { gaps: nearest?.gaps ?? 4, actual: 'no such rule' }
}

const ruleInWords = ({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string => {
  const groups = (apiGroups ?? []).filter(group => group !== '')
  return [
    `${(verbs ?? []).join(', ')} on ${[...(resources ?? []), ...(nonResourceURLs ?? [])].join(', ')}`,
    ...(groups.length > 0 ? [`of ${groups.join(', ')}`] : []),
    ...(resourceNames?.length ? [`named ${resourceNames.join(', ')}`] : []),
  ].join(' ')
}
