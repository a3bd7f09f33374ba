import { refOf } from '../kubernetes/object-ref.ts'
import type { Limits, Prometheus, ServiceMonitor } from '../model/kubernetes.ts'
import type { ObjectRef } from '../model/object-ref.ts'

/** A field that limits what a scrape may bring. */
export interface Limit {
  readonly ref: ObjectRef
  readonly path: string
  readonly value: string
}

/** By Prometheus's words for a limit that is exceeded (scrape/scrape.go), its field of a ServiceMonitor. */
const fields: readonly (readonly [words: RegExp, field: keyof Limits])[] = [
  [/\bsample limit exceeded/, 'sampleLimit'],
  [/\btarget_limit exceeded/, 'targetLimit'],
  [/\blabel_limit exceeded/, 'labelLimit'],
  [/\blabel_name_length_limit exceeded/, 'labelNameLengthLimit'],
  [/\blabel_value_length_limit exceeded/, 'labelValueLengthLimit'],
  [/\bbody size limit exceeded/, 'bodySizeLimit'],
]

/**
 * The fields that set the limit of which an error speaks, the one that counts first: the lower one of the ServiceMonitor's
 * and of the enforced one of the Prometheus object. Where the ServiceMonitor sets none, the Prometheus object's own stands in
 * for it, but not beside an enforced size. Nothing where none of them is set: then it comes from elsewhere. Upstream:
 * prometheus-operator's getLimit, appendGlobalLimits and getLowerByteSize, where 0 is none.
 */
export const limitsInForce = (
  error: string,
  monitor: ServiceMonitor | undefined,
  prometheus: Prometheus,
): readonly Limit[] => {
  const field = fields.find(([words]) => words.test(error))?.[1]
  if (!field) return []
  const enforced = `enforced${field[0]?.toUpperCase()}${field.slice(1)}` as keyof NonNullable<Prometheus['spec']>
  const limit = (object: ServiceMonitor | Prometheus, name: string, value: unknown): readonly Limit[] =>
    sizeOf(value) > 0 ? [{ ref: refOf(object), path: `spec.${name}`, value: String(value) }] : []
  const ofMonitor = monitor ? limit(monitor, field, monitor.spec?.[field]) : []
  const ofEveryJob = limit(prometheus, enforced, prometheus.spec?.[enforced])
  const isAlone = field === 'bodySizeLimit' && ofEveryJob.length > 0
  const unlessSet = ofMonitor.length > 0 || isAlone ? [] : limit(prometheus, field, prometheus.spec?.[field])
  return [...ofMonitor, ...unlessSet, ...ofEveryJob].toSorted((a, b) => sizeOf(a.value) - sizeOf(b.value))
}

const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB']

/** A count, or a size in bytes. */
const sizeOf = (value: unknown): number => {
  const [, count = '0', unit = 'B'] = /^([\d.]+)\s*([KMGTPE]?B)?$/.exec(String(value)) ?? []
  return Number(count) * 1024 ** units.indexOf(unit)
}
