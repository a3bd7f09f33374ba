import type { PolicyRule, Role, RoleBinding, Subject } from '../../src/model/rbac.ts'

const apiVersion = 'rbac.authorization.k8s.io/v1'

export const clusterRole = (name: string, rules: readonly PolicyRule[]): Role => ({
  apiVersion,
  kind: 'ClusterRole',
  metadata: { name },
  rules,
})

export const role = (namespace: string, name: string, rules: readonly PolicyRule[]): Role => ({
  apiVersion,
  kind: 'Role',
  metadata: { namespace, name },
  rules,
})

/** Named after the role. */
export const clusterBinding = (name: string, ...subjects: readonly Subject[]): RoleBinding => ({
  apiVersion,
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { kind: 'ClusterRole', name },
  subjects,
})

export const binding = (
  namespace: string,
  kind: 'Role' | 'ClusterRole',
  name: string,
  ...subjects: readonly Subject[]
): RoleBinding => ({
  apiVersion,
  kind: 'RoleBinding',
  metadata: { namespace, name },
  roleRef: { kind, name },
  subjects,
})
