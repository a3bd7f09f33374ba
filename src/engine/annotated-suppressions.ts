import type { Cluster } from '../cluster/cluster.ts'
import { formatRef, refOf } from '../kubernetes/object-ref.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import type { Suppression } from '../model/suppression.ts'
import { parseSuppression } from './suppression-text.ts'

/** On any object that a finding speaks of; a suppression a line, as --suppress takes it, but for the object. */
const suppressAnnotation = 'dynamo-metrics/suppress'

export interface AnnotationWatch {
  /** The same cluster; what is read through it is looked at in passing, so that no annotation costs a request. */
  readonly cluster: Cluster
  /** What the annotations of the objects read so far say; lines that say nothing usable are complaints. */
  readonly found: () => { readonly suppressions: readonly Suppression[]; readonly complaints: readonly string[] }
}

export const watchAnnotations = (cluster: Cluster): AnnotationWatch => {
  const annotated = new Map<string, KubernetesObject>()
  const look = (object: KubernetesObject | undefined): void => {
    if (object && textIn(object) !== '') annotated.set(formatRef(refOf(object)), object)
  }
  return {
    cluster: {
      ...cluster,
      get: async query => {
        const read = await cluster.get(query)
        if (read.ok) look(read.value)
        return read
      },
      list: async query => {
        const read = await cluster.list(query)
        if (read.ok) for (const object of read.value) look(object)
        return read
      },
    },
    found: () => {
      const lines = [...annotated.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, object]) => read(object))
      return {
        suppressions: lines.filter(line => typeof line !== 'string'),
        complaints: lines.filter(line => typeof line === 'string'),
      }
    },
  }
}

/** Manifests may hold anything in a string's place. */
const textIn = ({ metadata }: KubernetesObject): string => {
  const value: unknown = metadata?.annotations?.[suppressAnnotation]
  return typeof value === 'string' ? value : ''
}

const read = (object: KubernetesObject): readonly (Suppression | string)[] => {
  const ref = refOf(object)
  const lines = textIn(object)
    .split('\n')
    .filter(line => line.trim() !== '')
  return lines.map(line => {
    const parsed = parseSuppression(line)
    if (parsed.ok && parsed.value.at === undefined) return { ...parsed.value, at: ref, annotated: ref }
    const problem = parsed.ok ? 'it names an object, and may only speak of its own' : parsed.problem
    return `Annotation ${suppressAnnotation} of ${formatRef(ref)} suppresses nothing: ${problem} (${line.trim()})`
  })
}
