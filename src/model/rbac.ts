import type { Evidence } from './finding.ts'
import type { KubernetesObject, LabelSelector } from './kubernetes.ts'
import type { ObjectRef } from './object-ref.ts'
import type { Unavailable } from './read.ts'

/** rbac.authorization.k8s.io/v1 Role or ClusterRole. */
export interface Role extends KubernetesObject {
  readonly rules?: readonly PolicyRule[] | null
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly LabelSelector[] | null } | null
}

export interface PolicyRule {
  readonly verbs?: readonly string[] | null
  readonly apiGroups?: readonly string[] | null
  /** With `*` for all, also of one subresource. */
  readonly resources?: readonly string[] | null
  readonly resourceNames?: readonly string[] | null
  readonly nonResourceURLs?: readonly string[] | null
}

/** rbac.authorization.k8s.io/v1 RoleBinding or ClusterRoleBinding. */
export interface RoleBinding extends KubernetesObject {
  readonly subjects?: readonly Subject[] | null
  readonly roleRef: { readonly apiGroup?: string; readonly kind: string; readonly name: string }
}

export interface Subject {
  readonly kind: string
  readonly name: string
  readonly namespace?: string
}

/** What somebody wants to do, in the words of an access review. */
export type Access = ObjectAccess | PathAccess

export interface ObjectAccess {
  readonly verb: string
  /** Absent: the core group. */
  readonly group?: string
  /** With its subresource, where it is one: `pods/log`. */
  readonly resource: string
  /** Absent: in all namespaces, or a cluster-scoped kind. */
  readonly namespace?: string
  readonly name?: string
  readonly path?: never
}

export interface PathAccess {
  readonly verb: string
  readonly path: string
  readonly group?: never
  readonly resource?: never
  readonly namespace?: never
  readonly name?: never
}

/** Roles and bindings of both scopes, as far as they could be read. */
export interface AccessRules {
  readonly from: 'cluster' | 'files'
  readonly roles: readonly Role[]
  readonly bindings: readonly RoleBinding[]
  readonly unread: readonly Unavailable[]
  /** The namespaces whose Roles and RoleBindings were read; absent: all. */
  readonly within?: readonly string[]
}

/** The binding that comes nearest to granting what is refused, its role, and what about one of them is in the way. */
export interface NearMiss {
  readonly binding: ObjectRef
  readonly role: ObjectRef
  /** The one of them to change: for who owns it. */
  readonly object: KubernetesObject
  readonly evidence: Evidence
}

/** Whether somebody may do what is needed, and who says so. */
export interface AccessAnswer {
  readonly allowed: boolean
  /** The API server's words, or those of the objects where it was not asked. */
  readonly reason?: string
  /** Of a refusal, where Roles and bindings could be read. */
  readonly nearest?: NearMiss
}

/** One thing the doctor itself asks of the API server. */
export type Right = (
  | {
      readonly verb: string
      readonly group: string
      readonly resource: string
      /** The one object it is about, where that is known beforehand. */
      readonly name?: string
      /** `cluster`: of a kind without namespaces, or a review; it is of no use in a Role. */
      readonly scope: 'cluster' | 'namespaced'
      readonly path?: never
      readonly anyway?: never
    }
  | {
      readonly verb: string
      /** Ending in `*` where more paths than one are asked for. */
      readonly path: string
      readonly scope: 'cluster'
      readonly group?: never
      readonly resource?: never
      readonly name?: never
      /** A ClusterRole that every cluster binds to everybody, unless somebody took it away. */
      readonly anyway: string
    }
) & {
  /** What is read by it, in a few words. */
  readonly why: string
  /** The checks that become unknown where only this is taken away and all is well. */
  readonly leavesUnknown: readonly string[]
}

/** An object to print. */
export interface ExplainedObject {
  readonly object: KubernetesObject
  /** Of a role: what each of its rules is for. */
  readonly reasons: readonly string[]
}
