import type { KubernetesObject } from '../model/kubernetes.ts'
import type { ObjectRef } from '../model/object-ref.ts'

export const refOf = ({ apiVersion, kind, metadata }: KubernetesObject): ObjectRef => ({
  apiVersion,
  kind,
  ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
  name: metadata.name,
})

/** Whether two references name one object. The version does not matter: one object is served in several. */
export const sameObject = (a: ObjectRef, b: ObjectRef): boolean =>
  a.kind === b.kind && a.name === b.name && a.namespace === b.namespace && groupOf(a) === groupOf(b)

/** As messages name an object: `ServiceMonitor inference/dyn-operator`. */
export const formatRef = ({ kind, namespace, name }: ObjectRef): string =>
  namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`

export const serviceAccountRef = (namespace: string, name: string): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  namespace,
  name,
})

/** As kubectl takes an object: `servicemonitor/NAME`. */
export const kubectlName = ({ kind, name }: ObjectRef): string => `${kind.toLowerCase()}/${name}`

/** kubectl's namespace flag, empty for cluster-scoped objects. */
export const kubectlNamespace = ({ namespace }: ObjectRef): string => (namespace === undefined ? '' : `-n ${namespace}`)

/** Empty for the core group. */
export const groupOf = ({ apiVersion }: Pick<ObjectRef, 'apiVersion'>): string =>
  apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : ''
