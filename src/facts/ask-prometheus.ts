import type { HttpAnswer, HttpQuery } from '../cluster/cluster.ts'
import { isReady } from '../kubernetes/pods.ts'
import { isRecord } from '../model/is-record.ts'
import type { Pod, Prometheus } from '../model/kubernetes.ts'
import type { Read, Unavailable } from '../model/read.ts'
import { isPodOf, prometheusAddress, shardOf } from '../prometheus/address.ts'
import { shortfallOf } from '../prometheus/parse-answer.ts'
import type { ReadContext } from './fact-reader.ts'

/** Where one shard of a Prometheus answers: a ready pod, or the address that --prometheus-url gave. */
export interface Asked {
  readonly pod: string
  readonly address: Pick<HttpQuery, 'pod'>
  readonly prefix: string
}

/** One ready pod per shard: replicas of a shard hold the same configuration, shards hold different targets. */
export const shardsOf = (
  { narrowing }: ReadContext,
  prometheus: Prometheus,
  pods: readonly Pod[],
): readonly Asked[] => {
  if (narrowing.prometheusUrl !== undefined) return [{ pod: narrowing.prometheusUrl, address: {}, prefix: '' }]
  const shards = new Map<number, Pod>()
  for (const pod of pods)
    if (isPodOf(prometheus, pod) && isReady(pod) && !shards.has(shardOf(pod))) shards.set(shardOf(pod), pod)
  return [...shards.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, pod]) => {
      const { prefix, namespace, name, port, scheme } = prometheusAddress(prometheus, pod)
      return { pod: name, address: { pod: { namespace, name, port, scheme } }, prefix }
    })
}

/** Asks one shard and parses what it says; a status that is no 200 is unavailable with Prometheus's words. */
export const ask = async <T>(
  { cluster }: ReadContext,
  shard: Asked,
  path: string,
  parse: (body: unknown) => T | { readonly invalid: string },
): Promise<Read<T>> => {
  const { address, prefix } = shard
  const answer = await cluster.http({ service: 'prometheus', ...address, path: `${prefix}${path}` })
  if (!answer.ok) return answer
  // Without its question, which may be a screen long.
  const asked = path.split('?')[0]
  if (answer.value.status !== 200) return refusedBy(shard, answer.value, ` to ${asked}`)
  const value = parse(answer.value.body)
  if (isInvalid(value)) return unusable(shard, 'invalid', `Prometheus answers ${asked} with ${value.invalid}`)
  const shortfall = saysNothing(answer.value.body) ? shortfallOf(answer.value.body) : undefined
  return shortfall === undefined ? { ok: true, value } : emptyFor(shard, shortfall)
}

/** Nothing in an answer that may lack what is there. */
export const emptyFor = (shard: Asked, shortfall: string): Read<never> =>
  unusable(shard, 'unreachable', `Prometheus answers with nothing, and warns: ${shortfall}`)

const saysNothing = (body: unknown): boolean =>
  isRecord(body) && isRecord(body.data) && Array.isArray(body.data.result) && body.data.result.length === 0

/** A status that is no 200, in the words that came with it. `asked` says to what. */
export const refusedBy = (shard: Asked, answer: HttpAnswer, asked = ''): Read<never> => {
  const { status, body, words } = answer
  const error = isRecord(body) && typeof body.error === 'string' ? body.error : words
  return unusable(
    shard,
    status === 401 || status === 403 ? 'forbidden' : 'unreachable',
    `Prometheus answers ${status}${asked}${error ? `: ${error}` : ''}`,
  )
}

/** Said of the pod that was asked through the API server, or of what stands at the address. */
export const unusable = (
  { address: { pod }, pod: name }: Asked,
  why: Unavailable['why'],
  message: string,
): Read<never> => ({
  ok: false,
  unavailable: {
    why,
    verb: 'get',
    ...(pod
      ? { resource: 'pods/proxy', namespace: pod.namespace, name: pod.name }
      : { resource: 'prometheus', name: URL.parse(name)?.host ?? name }),
    message,
  },
})

export const isInvalid = (value: unknown): value is { readonly invalid: string } =>
  typeof value === 'object' && value !== null && 'invalid' in value
