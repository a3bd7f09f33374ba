import { matchSelector } from '../../kubernetes/label-selector.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { Pod, Prometheus, Service, ServiceMonitor } from '../../model/kubernetes.ts'
import { endpointPorts, namespacesSearched, selectsService } from '../../prometheus/discovery.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { aboutChain } from '../about-chain.ts'
import { defineCheck } from '../define-check.ts'
import { concernedPrometheuses } from '../stack/concerned-prometheuses.ts'
import { nearest } from './nearest.ts'
import { endpointFix, namespaceFix, portFix, selectorFix } from './target-fixes.ts'

type Code =
  | 'monitor/no-endpoints'
  | 'monitor/namespace-selector-mismatch'
  | 'monitor/selector-mismatch'
  | 'monitor/port-mismatch'
  | 'monitor/target-port-mismatch'

export const monitorTargetsService = defineCheck({
  id: 'monitor-targets-service',
  title: 'The ServiceMonitor leads to the Service',
  area: 'monitor',
  needs: ['chains', 'serviceMonitors'],
  wants: ['prometheuses', 'namespaces', 'operatorPods'],
  provedBy: 'metrics-families-present',
  codes: {
    'monitor/no-endpoints': { title: 'The ServiceMonitor lists no endpoint', severity: 'error' },
    'monitor/namespace-selector-mismatch': {
      title: 'The ServiceMonitor does not look into the namespace of the Service',
      severity: 'error',
    },
    'monitor/selector-mismatch': {
      title: 'The ServiceMonitor’s selector does not match the Service’s labels',
      severity: 'error',
    },
    'monitor/port-mismatch': {
      title: 'The ServiceMonitor asks for a port the Service does not have',
      severity: 'error',
    },
    'monitor/target-port-mismatch': {
      title: 'The ServiceMonitor asks for a target port the pods do not declare',
      severity: 'error',
    },
  },
  run({ chains, serviceMonitors, prometheuses, namespaces, operatorPods }) {
    const monitored = chains.items.flatMap(chain => {
      const monitors = monitorsOf(chain, serviceMonitors.items)
      return chain.service && monitors.length > 0 ? [{ chain, service: chain.service, monitors }] : []
    })
    if (monitored.length === 0) return { notApplicable: 'there is no Service with a ServiceMonitor' }
    const judged = monitored.flatMap(one => {
      const monitors = one.monitors.filter(isLegible)
      return monitors.length > 0 ? [{ ...one, monitors }] : []
    })
    const illegible = monitored.flatMap(({ monitors }) => (monitors.some(isLegible) ? [] : monitors))
    const pods = operatorPods.ok ? operatorPods.value.items : []
    const readersOf = (chain: Chain): readonly (Prometheus | undefined)[] => {
      const concerned = prometheuses.ok
        ? concernedPrometheuses({
            prometheuses: prometheuses.value,
            namespaces,
            chains: { ok: true, value: { items: [chain], unread: [] } },
            serviceMonitors: { ok: true, value: serviceMonitors },
          })
        : []
      return concerned.length > 0 ? concerned : [undefined]
    }
    return {
      findings: judged.flatMap(({ chain, service, monitors }) => {
        const [first = [], ...others] = readersOf(chain).map(prometheus =>
          nearest(monitors.map(monitor => mismatches(chain, service, monitor, { prometheus, pods }))),
        )
        return others.some(found => found.length === 0) ? [] : first.slice(0, 1)
      }),
      unknown: illegible.map(monitor => ({
        missing: [],
        reason: `what ${formatRef(refOf(monitor))} would select: its selector cannot be parsed`,
      })),
      notes: judged.flatMap(({ monitors }) => monitors.map(monitor => formatRef(refOf(monitor)))),
    }
  },
})

/** Nobody knows what a selector that cannot be parsed is to mean: prometheus-operator rejects it, which is another check's. */
const isLegible = ({ spec }: ServiceMonitor): boolean => matchSelector(spec?.selector ?? {}, {}).malformed === undefined

interface Around {
  /** Whose settings count: one of those that want the ServiceMonitor. */
  readonly prometheus: Prometheus | undefined
  readonly pods: readonly Pod[]
}

/** What keeps this ServiceMonitor from the Service, first link first; empty where nothing does. */
const mismatches = (
  chain: Chain,
  service: Service,
  monitor: ServiceMonitor,
  { prometheus, pods }: Around,
): readonly Finding<Code>[] => {
  const about = [...aboutChain(chain), refOf(monitor)]
  const subject = refOf(monitor)
  const endpoints = monitor.spec?.endpoints ?? []
  if (endpoints.length === 0)
    return [
      finding(
        'monitor/no-endpoints',
        subject,
        about,
        [{ ref: subject, path: 'spec.endpoints', expected: 'one endpoint', actual: 'an empty list' }],
        [endpointFix(monitor, service)],
      ),
    ]
  const selected = selectsService(monitor, prometheus ?? anyPrometheus, service)
  if (!selected.namespace)
    return [
      finding(
        'monitor/namespace-selector-mismatch',
        subject,
        about,
        [namespaceEvidence(monitor, prometheus, service)],
        [namespaceFix(monitor, service)],
      ),
    ]
  if (!selected.labels.matches) {
    const [first, ...rest] = selected.labels.clauses
      .filter(({ matches }) => !matches)
      .map(
        (clause): Evidence => ({
          ref: subject,
          path: `spec.selector.${clause.path}`,
          expected: clause.found,
          actual: clause.wanted,
        }),
      )
    return [
      finding(
        'monitor/selector-mismatch',
        subject,
        about,
        [
          first ?? {
            ref: subject,
            path: 'spec.selector',
            expected: 'one that selects it',
            actual: 'none',
          },
          ...rest,
        ],
        [selectorFix(monitor, service)],
      ),
    ]
  }
  const ports = endpoints.map(endpoint => endpointPorts(endpoint, service, podsOf(service, pods, chain)))
  if (ports.some(({ matches }) => matches)) return []
  return endpoints.slice(0, 1).map((endpoint, index) => {
    const port = ports[index]
    const code = port?.field === 'targetPort' ? 'monitor/target-port-mismatch' : 'monitor/port-mismatch'
    const evidence: Evidence = {
      ref: subject,
      path: `spec.endpoints[${index}].${port?.field ?? 'port'}`,
      expected: port?.offered.length ? `one of ${port.offered.join(', ')}` : 'a port that is there (there is none)',
      actual: port?.wanted ?? '',
    }
    return finding(code, subject, about, [evidence], [portFix(monitor, service, endpoint, index, port?.offered ?? [])])
  })
}

const anyPrometheus: Prometheus = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'Prometheus',
  metadata: { name: 'any' },
}

const namespaceEvidence = (monitor: ServiceMonitor, prometheus: Prometheus | undefined, service: Service): Evidence => {
  const searched = namespacesSearched(monitor, prometheus ?? anyPrometheus)
  const ignored = prometheus?.spec?.ignoreNamespaceSelectors === true
  return {
    ref: ignored && prometheus ? refOf(prometheus) : refOf(monitor),
    path: ignored ? 'spec.ignoreNamespaceSelectors' : 'spec.namespaceSelector',
    expected: `a search in ${service.metadata.namespace}`,
    actual: searched === 'all' ? 'all namespaces' : `a search in ${searched.join(', ') || 'no namespace'}`,
  }
}

/** Where no pod could be read, or none runs, the pod template says what its pods declare. */
const podsOf = (service: Service, pods: readonly Pod[], { workload }: Chain): readonly Pod[] => {
  const own = pods.filter(({ metadata }) => metadata.namespace === service.metadata.namespace)
  const spec = workload.spec?.template?.spec
  if (own.length > 0 || !spec) return own
  return [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: workload.metadata.name }, spec }]
}

const finding = (
  code: Code,
  subject: Finding['subject'],
  about: Finding['about'],
  evidence: Finding['evidence'],
  fixes: readonly Fix[],
): Finding<Code> => ({
  code,
  subject,
  about,
  message: `${formatRef(subject)} ${messageOf[code]}`,
  evidence,
  because: becauseOf[code],
  fixes,
})

const messageOf: Readonly<Record<Code, string>> = {
  'monitor/no-endpoints': 'lists no endpoint: it makes no scrape job',
  'monitor/namespace-selector-mismatch': 'does not look into the namespace of the metrics Service',
  'monitor/selector-mismatch': 'does not select the metrics Service',
  'monitor/port-mismatch': 'asks for a port that the metrics Service does not have',
  'monitor/target-port-mismatch': 'asks for a target port that the operator’s pods do not declare',
}

const becauseOf: Readonly<Record<Code, string>> = {
  'monitor/no-endpoints': 'prometheus-operator accepts an empty list without a word, and writes no job for it',
  'monitor/namespace-selector-mismatch':
    'a ServiceMonitor looks for Services only in its own namespace, unless its namespaceSelector says otherwise',
  'monitor/selector-mismatch': 'the selector compares with the labels of the Service, not with those of the pods',
  'monitor/port-mismatch':
    'port is matched against the names of the Service’s ports; a number, or the name of the container’s port, matches nothing',
  'monitor/target-port-mismatch':
    'targetPort is matched against the ports that containers declare; a quoted number is taken for a name',
}
