import { secretValueOf } from '../kubernetes/secret-value.ts'
import { asText } from '../model/as-text.ts'
import { isRecord } from '../model/is-record.ts'
import type { KubernetesObject, SecretValue } from '../model/kubernetes.ts'
import type { ReferencedObject } from '../model/prometheus.ts'
import type { Read } from '../model/read.ts'
import { monitorsOf } from '../prometheus/monitors-of-chain.ts'
import { isReconciled } from '../prometheus/reconcile-problems.ts'
import { type KeyGroup, keysOfPrometheus, referencedKeys } from '../prometheus/referenced-keys.ts'
import type { FactReader } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { together } from './listing.ts'

/**
 * The Secrets and ConfigMaps that the chains' ServiceMonitors refer to, each read once; the charts' refer to none. And
 * those of a Prometheus of which its operator has not said that all is well, or what is not.
 */
export const referencedObjects: FactReader<'referencedObjects'> = async ({ cluster, fact }) => {
  const [chains, monitors, prometheuses] = await Promise.all([
    fact('chains'),
    fact('serviceMonitors'),
    fact('prometheuses'),
  ])
  if (!chains.ok) return chains
  if (!monitors.ok) return monitors
  const unjudged = prometheuses.ok ? prometheuses.value.items.filter(one => isReconciled(one) === undefined) : []
  const referred = [
    ...chains.value.items
      .flatMap(chain => monitorsOf(chain, monitors.value.items))
      .flatMap(monitor => within(monitor, referencedKeys(monitor))),
    ...unjudged.flatMap(prometheus => within(prometheus, keysOfPrometheus(prometheus).flat())),
  ].filter(({ name }) => name !== '')
  const distinct = new Map(referred.map(ref => [`${ref.kind} ${ref.namespace}/${ref.name}`, ref]))
  return together(
    await Promise.all(
      [...distinct.values()].map(async ({ kind, namespace, name }): Promise<Read<readonly ReferencedObject[]>> => {
        const read = await cluster.get({ ...kinds[kind === 'Secret' ? 'secret' : 'configMap'], namespace, name })
        const ref = { apiVersion: 'v1', kind, namespace, name }
        return read.ok ? { ok: true, value: [{ ref, ...(read.value ? { data: wordsOf(read.value) } : {}) }] } : read
      }),
    ),
  )
}

const within = ({ metadata: { namespace = '' } }: KubernetesObject, keys: KeyGroup) =>
  keys.map(({ kind, name }) => ({ kind, name, namespace }))

/** The values of a Secret were redacted before anything else saw them: those of a ConfigMap are told in the same words. */
export const wordsOf = (object: KubernetesObject): Readonly<Record<string, SecretValue>> =>
  'data' in object && isRecord(object.data)
    ? Object.fromEntries(
        Object.entries(object.data).map(([key, value]) => [
          key,
          object.kind === 'Secret' ? asText(value) : secretValueOf(asText(value)),
        ]),
      )
    : {}
