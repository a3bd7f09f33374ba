import { matchSelector } from '../../kubernetes/label-selector.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import { itemsIn } from '../../model/read.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { concernedPrometheuses } from '../stack/concerned-prometheuses.ts'
import { wantedMonitors } from '../stack/wanted-monitors.ts'
import { nearest } from './nearest.ts'
import { targetMismatches } from './target-mismatches.ts'

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
    if (monitored.length === 0) return none('there is no Service with a ServiceMonitor', chains, serviceMonitors)
    const judged = monitored.flatMap(one => {
      const monitors = one.monitors.filter(isLegible)
      return monitors.length > 0 ? [{ ...one, monitors }] : []
    })
    const illegible = monitored.flatMap(({ monitors }) => (monitors.some(isLegible) ? [] : monitors))
    const pods = itemsIn(operatorPods)
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
          nearest(
            (prometheus ? wantedMonitors(prometheus, monitors, namespaces) : monitors).map(monitor =>
              targetMismatches(chain, service, monitor, { prometheus, pods }),
            ),
          ),
        )
        return others.some(found => found.length === 0) ? [] : first
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
