import type { ExplainedObject, PolicyRule, Right, Role, RoleBinding } from '../model/rbac.ts'
import type { ServiceAccount } from './rbac.ts'

export interface GrantOptions {
  readonly account: ServiceAccount
  /** Where objects may be read; none: everywhere. */
  readonly namespaces: readonly string[]
}

/**
 * A ServiceAccount with these rights and no others. Everywhere it takes one ClusterRole. In named namespaces a Role in
 * each holds what has a namespace, and the ClusterRole only the rest.
 */
export const leastPrivilege = (
  rights: readonly Right[],
  { account, namespaces }: GrantOptions,
): readonly ExplainedObject[] => {
  const within = namespaces.length > 0
  const outside = within ? rights.filter(({ scope }) => scope === 'cluster') : rights
  const inside = rights.filter(({ scope }) => scope === 'namespaced')
  return [
    { object: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...account, labels } }, reasons: [] },
    ...granted('ClusterRole', undefined, rulesOf(outside, namespaces), account),
    ...namespaces.flatMap(namespace => granted('Role', namespace, rulesOf(inside, namespaces), account)),
  ]
}

interface Rule {
  readonly rule: PolicyRule
  readonly reason: string
}

const labels = { 'app.kubernetes.io/managed-by': 'dynamo-metrics' }
const apiGroup = 'rbac.authorization.k8s.io'

const granted = (
  kind: 'ClusterRole' | 'Role',
  namespace: string | undefined,
  rules: readonly Rule[],
  account: ServiceAccount,
): readonly ExplainedObject[] => {
  const metadata = { name: account.name, ...(namespace === undefined ? {} : { namespace }), labels }
  const apiVersion = `${apiGroup}/v1`
  const role: Role = { apiVersion, kind, metadata, rules: rules.map(({ rule }) => rule) }
  const binding: RoleBinding = {
    apiVersion,
    kind: `${kind}Binding`,
    metadata,
    roleRef: { apiGroup, kind, name: account.name },
    subjects: [{ kind: 'ServiceAccount', ...account }],
  }
  return [
    { object: role, reasons: rules.map(({ reason }) => reason) },
    { object: binding, reasons: [] },
  ]
}

/** A rule for each group, names and set of verbs; its reasons one a line. */
const rulesOf = (rights: readonly Right[], namespaces: readonly string[]): readonly Rule[] => {
  const resources = [...Map.groupBy(rights, ({ group, resource, path }) => path ?? `${group}/${resource}`).values()]
  const alike = Map.groupBy(resources, all => JSON.stringify([all[0]?.group, namesOf(all, namespaces), verbsOf(all)]))
  return [...alike.values()].map(members => {
    const all = members.flat()
    const names = namesOf(all, namespaces)
    const verbs = verbsOf(all)
    const paths = distinct(all.flatMap(({ path }) => path ?? []))
    return {
      reason: all.map(({ verb, resource, path, why }) => `${verb} ${resource ?? path}: ${why}`).join('\n'),
      rule:
        paths.length > 0
          ? { nonResourceURLs: paths, verbs }
          : {
              apiGroups: distinct(all.flatMap(({ group }) => group ?? [])),
              resources: distinct(all.flatMap(({ resource }) => resource ?? [])),
              ...(names.length > 0 ? { resourceNames: names } : {}),
              verbs,
            },
    }
  })
}

const verbsOf = (rights: readonly Right[]): readonly string[] => distinct(rights.map(({ verb }) => verb))

/** Of namespaces only those in question are read. */
const namesOf = (rights: readonly Right[], namespaces: readonly string[]): readonly string[] =>
  distinct(rights.flatMap(({ resource, name }) => (resource === 'namespaces' ? namespaces : (name ?? []))))

const distinct = (texts: readonly string[]): readonly string[] => [...new Set(texts)]
