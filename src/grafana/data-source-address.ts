import { matchSelector } from '../kubernetes/label-selector.ts'
import { formatRef, refOf } from '../kubernetes/object-ref.ts'
import type { Pod, Prometheus, Service } from '../model/kubernetes.ts'
import { portOfUrl } from '../model/port-of-url.ts'
import { isPodOf } from '../prometheus/address.ts'

export interface ServiceName {
  readonly namespace: string
  readonly name: string
}

/**
 * The Service that a data source's address names, as the cluster's DNS reads it from Grafana's pod: `name`,
 * `name.namespace`, and both with `.svc` and the cluster's domain behind; a pod's own name before its Service.
 * Undefined for an address of another form. `name.namespace` can be a host outside as well: whether there is such a
 * Service is to be asked.
 */
export const serviceNamed = (url: string, grafanaNamespace: string): ServiceName | undefined => {
  const labels = hostOf(url)?.split('.') ?? []
  if (labels.length === 0 || labels.some(label => !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label))) return undefined
  const svc = labels.indexOf('svc')
  const [name, namespace = grafanaNamespace] = svc >= 2 ? labels.slice(svc - 2, svc) : labels
  if (name === undefined || (svc < 2 && labels.length > 2) || svc > 3 || /^\d+$/.test(namespace)) return undefined
  return { namespace, name }
}

export type Resolved =
  | { readonly prometheuses: readonly Prometheus[] }
  /** Why no Prometheus object is known to answer there, as a clause. */
  | { readonly unresolved: string }

/**
 * The Prometheus objects that answer at an address. prometheus-operator's own Service `prometheus-operated` stands
 * before every one of its namespace; another before those whose pods its selector picks.
 */
export const resolvePrometheus = (
  url: string,
  grafanaNamespace: string,
  known: {
    readonly services: readonly Service[]
    readonly prometheuses: readonly Prometheus[]
    readonly pods: readonly Pod[]
  },
): Resolved => {
  const named = serviceNamed(url, grafanaNamespace)
  if (!named) return { unresolved: `${url} is no address of a Service in this cluster` }
  const service = known.services.find(
    ({ metadata }) => metadata.namespace === named.namespace && metadata.name === named.name,
  )
  if (!service) return { unresolved: `there is no Service ${named.namespace}/${named.name}` }
  const port = portOfUrl(new URL(url))
  if (!(service.spec?.ports ?? []).some(one => one.port === port))
    return { unresolved: `${formatRef(refOf(service))} has no port ${port}` }
  const prometheuses = known.prometheuses.filter(prometheus => leadsTo(service, prometheus, known.pods))
  return prometheuses.length > 0
    ? { prometheuses }
    : { unresolved: `${formatRef(refOf(service))} leads to no Prometheus object` }
}

/** Where no pod runs, the label that prometheus-operator gives them tells. */
const leadsTo = (service: Service, prometheus: Prometheus, pods: readonly Pod[]): boolean => {
  const selector = service.spec?.selector ?? {}
  if (service.metadata.namespace !== prometheus.metadata.namespace || Object.keys(selector).length === 0) return false
  const own = pods.filter(pod => isPodOf(prometheus, pod))
  return own.length > 0
    ? own.some(({ metadata }) => matchSelector({ matchLabels: selector }, metadata.labels).matches)
    : selector['operator.prometheus.io/name'] === prometheus.metadata.name
}

const hostOf = (url: string): string | undefined => {
  const host = parsed(url)?.hostname.replace(/\.$/, '')
  return host === '' ? undefined : host
}

const parsed = (url: string): URL | undefined => (URL.canParse(url) ? new URL(url) : undefined)
