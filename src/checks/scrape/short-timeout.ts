import { refOf } from '../../kubernetes/object-ref.ts'
import { pointerOf } from '../../kubernetes/pointer-of.ts'
import type { Fix } from '../../model/fix.ts'
import type { ServiceMonitor } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import { parseDuration } from '../../prometheus/duration.ts'
import type { Failure, Repair } from './failure.ts'
import { lastsOn } from './lasts-on.ts'

/** In milliseconds. A healthy operator answers within it, though its answer is long and each token is reviewed. */
const enough = 1000

/**
 * The field that gives the operator hardly any time, where there is one. What the endpoint does not say the Prometheus
 * object does, and a scrape never takes longer than the time to the next.
 */
export const shortTimeout = ({ link: { prometheus }, monitor, index }: Failure): Repair | undefined => {
  const endpoint = monitor?.spec?.endpoints?.[index]
  const { scrapeTimeout = '10s', scrapeInterval = '30s' } = prometheus.spec ?? {}
  const ofEndpoint = (field: 'scrapeTimeout' | 'interval') =>
    monitor && { ref: refOf(monitor), path: `spec.endpoints[${index}].${field}`, value: endpoint?.[field] }
  const ofPrometheus = (field: 'scrapeTimeout' | 'scrapeInterval', value: string) => ({
    ref: refOf(prometheus),
    path: `spec.${field}`,
    value,
  })
  const [shortest] = [
    endpoint?.scrapeTimeout ? ofEndpoint('scrapeTimeout') : ofPrometheus('scrapeTimeout', scrapeTimeout),
    endpoint?.interval ? ofEndpoint('interval') : ofPrometheus('scrapeInterval', scrapeInterval),
  ]
    .flatMap(one => (one?.value === undefined ? [] : [{ ...one, time: parseDuration(one.value) ?? 0 }]))
    .filter(({ time }) => time > 0)
    .toSorted((a, b) => a.time - b.time)
  if (shortest === undefined || shortest.time >= enough) return undefined
  const { ref, path, value } = shortest
  return {
    subject: ref,
    evidence: [{ ref, path, expected: 'at least 1s', actual: `${value}` }],
    because: `Prometheus gives up after ${value}, and what the operator serves takes longer to arrive`,
    fixes: [monitor && ref.kind === 'ServiceMonitor' ? takeOut(monitor, path) : allowTime(ref, path)],
  }
}

const verify = ['scrape-target-up', 'metrics-families-present']

const takeOut = (monitor: ServiceMonitor, path: string): Fix => ({
  id: 'allow-time',
  title: `Take ${path} out: the Prometheus’s own applies then`,
  risk: 'disruptive',
  at: 'live',
  steps: [
    {
      do: 'patch',
      target: refOf(monitor),
      type: 'json',
      patch: [{ op: 'remove', path: pointerOf(path) }],
    },
  ],
  lasts: lastsOn(monitor),
  verify,
})

const allowTime = ({ kind, namespace, name }: ObjectRef, path: string): Fix => ({
  id: 'allow-time',
  title: 'Give scrapes more time',
  risk: 'manual',
  at: 'source',
  steps: [
    {
      do: 'tell',
      text: `Raise ${path} in the values that render the object: 10s and 30s are the defaults of timeout and interval.`,
      commands: [`kubectl -n ${namespace} get ${kind.toLowerCase()} ${name} -o yaml | grep -i scrape`],
    },
  ],
  lasts: 'Yes, when it is changed in the values that render the object.',
  verify,
})
