import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import type { Service, ServicePort } from '../../model/kubernetes.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { aboutChain } from '../about-chain.ts'
import { none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { linksOf, targetsOf } from '../scrape/links.ts'
import { sendTo } from './send-to.ts'
import { wrongTargetPorts } from './wrong-target-port.ts'

export const servicePorts = defineCheck({
  id: 'service-ports',
  title: 'The metrics Service leads to a port of the pods',
  area: 'service',
  needs: ['chains'],
  wants: ['serviceMonitors', 'prometheuses', 'prometheusStates', 'namespaces', 'prometheusOperators'],
  provedBy: 'metrics-families-present',
  codes: {
    'service/target-port-undeclared': {
      title: 'The Service’s targetPort names a port no container declares',
      severity: 'error',
    },
    'service/wrong-target-port': {
      title: 'The Service leads to another port than that of the metrics',
      severity: 'error',
    },
  },
  run(facts) {
    const { chains, serviceMonitors, prometheuses, prometheusStates } = facts
    const links =
      serviceMonitors.ok && prometheuses.ok && prometheusStates.ok
        ? linksOf(
            { ...facts, serviceMonitors: serviceMonitors.value, prometheuses: prometheuses.value },
            prometheusStates.value.items,
          )
        : []
    const withService = chains.items.filter(({ service }) => service !== undefined)
    if (withService.length === 0) return none('there is no metrics Service', chains)
    return {
      findings: withService.flatMap(chain => {
        const [first, ...rest] = undeclaredPorts(chain)
        const monitors = serviceMonitors.ok ? monitorsOf(chain, serviceMonitors.value.items) : undefined
        return [
          ...(first && chain.service ? [undeclared(chain, chain.service, [first, ...rest])] : []),
          ...wrongTargetPorts(chain, monitors, links.filter(link => link.chain === chain).flatMap(targetsOf)),
        ]
      }),
      notes: withService.map(({ service }) =>
        (service?.spec?.ports ?? []).map(({ name, targetPort }) => `${name} → ${targetPort}`).join(', '),
      ),
    }
  },
})

interface UndeclaredPort {
  readonly index: number
  readonly port: ServicePort
}

/** Only a name can be undeclared: a number reaches the pod whether a container declares it or not. */
const undeclaredPorts = ({ service, workload }: Chain): readonly UndeclaredPort[] => {
  const names = declaredNames(workload)
  return (service?.spec?.ports ?? [])
    .map((port, index) => ({ port, index }))
    .filter(({ port }) => typeof port.targetPort === 'string' && !names.includes(port.targetPort))
}

const declaredNames = (workload: Chain['workload']): readonly string[] =>
  (workload.spec?.template?.spec?.containers ?? []).flatMap(({ ports }) =>
    (ports ?? []).flatMap(({ name }) => name ?? []),
  )

const undeclared = (
  chain: Chain,
  service: Service,
  ports: readonly [UndeclaredPort, ...UndeclaredPort[]],
): Finding<'service/target-port-undeclared'> => {
  const subject = refOf(service)
  const names = declaredNames(chain.workload)
  const [{ index, port }] = ports
  const only = [port.name, 'metrics', 'https', ...names].find(name => name !== undefined && names.includes(name))
  return {
    code: 'service/target-port-undeclared',
    subject,
    about: aboutChain(chain),
    message: `${formatRef(subject)} sends port ${port.name ?? port.port} to ${port.targetPort}, which no container of the pods declares`,
    evidence: [
      {
        ref: subject,
        path: `spec.ports[${index}].targetPort`,
        expected: names.length === 0 ? 'a port that a container declares (none does)' : `one of ${names.join(', ')}`,
        actual: String(port.targetPort),
      },
    ],
    because: 'the Service’s ports and the ports of the operator’s container were set apart from each other',
    fixes: [sendTo(subject, index, only)],
  }
}
