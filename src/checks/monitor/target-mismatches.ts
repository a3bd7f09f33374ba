import type { SelectorVerdict } from '../../kubernetes/label-selector.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Evidence, Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { Pod, Prometheus, Service, ServiceMonitor } from '../../model/kubernetes.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import { endpointPorts, namespacesSearched, type PortVerdict, selectsService } from '../../prometheus/discovery.ts'
import { aboutChain } from '../about-chain.ts'
import { endpointFix, namespaceFix, portFix, selectorFix } from './target-fixes.ts'

type Code =
  | 'monitor/no-endpoints'
  | 'monitor/namespace-selector-mismatch'
  | 'monitor/selector-mismatch'
  | 'monitor/port-mismatch'
  | 'monitor/target-port-mismatch'

interface Around {
  /** Whose settings count: one of those that want the ServiceMonitor. */
  readonly prometheus: Prometheus | undefined
  readonly pods: readonly Pod[]
}

/**
 * What keeps this ServiceMonitor from the Service, in the order in which a target would come to it; empty where nothing
 * does. Each holds whatever becomes of the others: repairing one of them alone brings no target.
 */
export const targetMismatches = (
  chain: Chain,
  service: Service,
  monitor: ServiceMonitor,
  { prometheus, pods }: Around,
): readonly Finding<Code>[] => {
  const subject = refOf(monitor)
  const about = [...aboutChain(chain), subject]
  const found = (code: Code, [first, ...rest]: readonly Evidence[], fix: Fix): readonly Finding<Code>[] =>
    first
      ? [
          {
            code,
            subject,
            about,
            message: `${formatRef(subject)} ${messageOf[code]}`,
            evidence: [first, ...rest],
            because: becauseOf[code],
            fixes: [fix],
          },
        ]
      : []
  const endpoints = monitor.spec?.endpoints ?? []
  const { namespace, labels } = selectsService(monitor, prometheus, service)
  const ports = endpoints.map(endpoint => endpointPorts(endpoint, service, podsOf(service, pods, chain)))
  const [endpoint] = endpoints
  const [port] = ports.some(({ matches }) => matches) ? [] : ports
  return [
    ...found(
      'monitor/no-endpoints',
      endpoint ? [] : [{ ref: subject, path: 'spec.endpoints', expected: 'one endpoint', actual: 'an empty list' }],
      endpointFix(monitor, service),
    ),
    ...found(
      'monitor/namespace-selector-mismatch',
      namespace ? [] : [namespaceEvidence(monitor, prometheus, service)],
      namespaceFix(monitor, service),
    ),
    ...found('monitor/selector-mismatch', labelEvidence(subject, labels), selectorFix(monitor, service)),
    ...(endpoint && port
      ? found(
          port.field === 'targetPort' ? 'monitor/target-port-mismatch' : 'monitor/port-mismatch',
          [portEvidence(subject, port)],
          portFix(monitor, service, endpoint, 0, port.offered),
        )
      : []),
  ]
}

const namespaceEvidence = (monitor: ServiceMonitor, prometheus: Prometheus | undefined, service: Service): Evidence => {
  const searched = namespacesSearched(monitor, prometheus)
  const ignored = prometheus?.spec?.ignoreNamespaceSelectors === true
  return {
    ref: refOf(ignored ? prometheus : monitor),
    path: ignored ? 'spec.ignoreNamespaceSelectors' : 'spec.namespaceSelector',
    expected: `a search in ${service.metadata.namespace}`,
    actual: searched === 'all' ? 'all namespaces' : `a search in ${searched.join(', ') || 'no namespace'}`,
  }
}

const labelEvidence = (subject: ObjectRef, { matches, clauses }: SelectorVerdict): readonly Evidence[] => {
  if (matches) return []
  const failing = clauses
    .filter(clause => !clause.matches)
    .map(({ path, found, wanted }) => ({
      ref: subject,
      path: `spec.selector.${path}`,
      expected: found,
      actual: wanted,
    }))
  return failing.length > 0
    ? failing
    : [{ ref: subject, path: 'spec.selector', expected: 'one that selects it', actual: 'none' }]
}

const portEvidence = (subject: ObjectRef, { field, offered, wanted }: PortVerdict): Evidence => ({
  ref: subject,
  path: `spec.endpoints[0].${field}`,
  expected: offered.length > 0 ? `one of ${offered.join(', ')}` : 'a port that is there (there is none)',
  actual: wanted,
})

/** Where no pod could be read, or none runs, the pod template says what its pods declare. */
const podsOf = (service: Service, pods: readonly Pod[], { workload }: Chain): readonly Pod[] => {
  const own = pods.filter(({ metadata }) => metadata.namespace === service.metadata.namespace)
  const spec = workload.spec?.template?.spec
  if (own.length > 0 || !spec) return own
  return [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: workload.metadata.name }, spec }]
}

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
