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
    group: apiVersion.includes('/') ? apiVersion.split('/')[0] : undefined,
    kind,
    namespace,
    name,
  })),
})
