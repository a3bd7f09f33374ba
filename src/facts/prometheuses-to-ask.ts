import { refOf } from '../kubernetes/object-ref.ts'
import type { ObjectRef } from '../model/object-ref.ts'
import { type Read, type Unavailable, unreadIn } from '../model/read.ts'
import { type Asked, shardsOf } from './ask-prometheus.ts'
import type { ReadContext } from './fact-reader.ts'

export interface PrometheusToAsk {
  readonly ref: ObjectRef
  /** `namespace/name`, or the address that --prometheus-url gave. */
  readonly name: string
  /** One a shard; none where no pod is ready. */
  readonly shards: readonly Asked[]
}

/** Every Prometheus that answers queries; an agent does not. An address given by flag needs no object to be read. */
export const prometheusesToAsk = async (context: ReadContext): Promise<Read<readonly PrometheusToAsk[]>> => {
  const url = context.narrowing.prometheusUrl
  if (url !== undefined) return { ok: true, value: [atAddress(url)] }
  const [prometheuses, pods] = await Promise.all([context.fact('prometheuses'), context.fact('prometheusPods')])
  if (!prometheuses.ok) return prometheuses
  if (!pods.ok) return pods
  return {
    ok: true,
    value: prometheuses.value.items
      .filter(({ kind }) => kind === 'Prometheus')
      .map(prometheus => ({
        ref: refOf(prometheus),
        name: `${prometheus.metadata.namespace}/${prometheus.metadata.name}`,
        shards: shardsOf(context, prometheus, pods.value.items),
      })),
  }
}

/** Why some of them may be missing. Agents are not among them, for they store nothing. */
export const unlistedPrometheuses = async ({ narrowing, fact }: ReadContext): Promise<readonly Unavailable[]> => {
  if (narrowing.prometheusUrl !== undefined) return []
  const prometheuses = await fact('prometheuses')
  return prometheuses.ok
    ? prometheuses.value.unread.filter(({ resource }) => !resource.startsWith('prometheusagents'))
    : []
}

/** The same for whoever says that there is none: it is only said where all could be listed. */
export const knownPrometheuses = async (context: ReadContext): Promise<Read<readonly PrometheusToAsk[]>> => {
  const asked = await prometheusesToAsk(context)
  if (!asked.ok || asked.value.length > 0) return asked
  const listed = await context.fact('prometheuses')
  const [unlisted] = unreadIn(listed)
  return unlisted ? { ok: false, unavailable: unlisted } : asked
}

const atAddress = (url: string): PrometheusToAsk => ({
  ref: { apiVersion: 'v1', kind: 'Prometheus', name: url },
  name: url,
  shards: [{ pod: url, address: {}, prefix: '' }],
})
