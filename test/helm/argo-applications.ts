import { groupOf } from '../../src/kubernetes/object-ref.ts'
import type { Chain } from '../../src/model/chain.ts'
import type { Facts } from '../../src/model/facts.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import type { ObjectRef } from '../../src/model/object-ref.ts'

/** Application `cd/serving`, which renders the platform's chart. */
export const application = (helm: object = {}, status: object = {}): KubernetesObject => ofSources([{ helm }], status)

export const ofSources = (sources: readonly object[], status: object = {}): KubernetesObject =>
  ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'serving', namespace: 'cd' },
    spec: { sources: sources.map(source => ({ chart: 'dynamo-platform', ...source })) },
    status,
  }) as KubernetesObject

/** What Argo CD says that it applies, of a chart that it renders with Helm. */
export const applies = (...objects: readonly ObjectRef[]) => ({
  sourceType: 'Helm',
  resources: objects.map(({ apiVersion, kind, namespace, name }) => ({
    group: groupOf({ apiVersion }) || undefined,
    kind,
    namespace,
    name,
  })),
})

/** It applies the operator of this chain. */
export const deployedBy = (object: KubernetesObject, { id }: Chain): Facts['deployers'] => ({
  items: [{ chain: id, object }],
  unread: [],
})
