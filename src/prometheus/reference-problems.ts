import type { ServiceMonitor } from '../model/kubernetes.ts'
import type { ReferencedObject } from '../model/prometheus.ts'
import { type ReferencedKey, referencedKeys } from './referenced-keys.ts'
import type { Rejection } from './validation.ts'

/**
 * What of the Secrets and ConfigMaps that a ServiceMonitor refers to keeps prometheus-operator from taking it, in the
 * order in which it reads them. What was not read is left out. Of a Secret the kind of each value is known, so a
 * certificate or key that is none shows too.
 * Upstream: pkg/assets/store.go and tls.go.
 */
export const referenceProblems = (
  monitor: ServiceMonitor,
  objects: readonly ReferencedObject[],
): readonly Rejection[] =>
  referencedKeys(monitor).flatMap(reference => {
    const held = objects.find(
      ({ ref }) =>
        ref.kind === reference.kind && ref.name === reference.name && ref.namespace === monitor.metadata.namespace,
    )
    const problem = held && problemOf(reference, held)
    if (problem === undefined) return []
    const { kind, name, key, path } = reference
    const expected = `the key ${key} of ${kind} ${monitor.metadata.namespace}/${name}`
    return [
      {
        code: 'monitor/rejected-missing-secret' as const,
        path,
        expected,
        actual: problem,
        message: `${path}: ${problem}, where ${expected} is needed`,
      },
    ]
  })

const problemOf = ({ kind, key, path }: ReferencedKey, { data }: ReferencedObject): string | undefined => {
  if (!data) return `there is no such ${kind}`
  const value = data[key]
  if (value === undefined) return `its keys are ${Object.keys(data).sort().join(', ') || 'none'}`
  const isPem = /\.(?:ca|cert)\.secret$|\.keySecret$/.test(path)
  return isPem && (value === 'opaque' || value === 'empty') ? `what stands there is no PEM` : undefined
}
