import type { Chain } from '../../model/chain.ts'
import type { Namespace, Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import type { Listing, Read } from '../../model/read.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { type Nothing, none, unlessUnread } from '../completeness.ts'
import { wants } from './wanted-monitors.ts'

/**
 * The Prometheuses whose own trouble matters here: those whose selectors pick a ServiceMonitor of a chain. Where none
 * does, or where that could not be read, all of them: another team's paused Prometheus is no fault of this chain. Where
 * one that may not be read may pick it, nobody knows whose trouble matters.
 */
export const concernedPrometheuses = (facts: {
  readonly prometheuses: Listing<Prometheus>
  readonly chains: Read<Listing<Chain>>
  readonly serviceMonitors: Read<Listing<ServiceMonitor>>
  readonly namespaces: Read<Listing<Namespace>>
}): readonly Prometheus[] => {
  const { prometheuses, chains, serviceMonitors, namespaces } = facts
  const monitors =
    chains.ok && serviceMonitors.ok
      ? chains.value.items.flatMap(chain => monitorsOf(chain, serviceMonitors.value.items))
      : []
  const picking = prometheuses.items.filter(prometheus =>
    monitors.some(monitor => wants(prometheus, monitor, namespaces)),
  )
  return picking.length > 0 || prometheuses.unread.length > 0 ? picking : prometheuses.items
}

/** What to say where none is concerned. */
export const noneConcerned = (prometheuses: Listing<Prometheus>): Nothing =>
  prometheuses.items.length === 0
    ? none('there is no Prometheus object', prometheuses)
    : unlessUnread('no Prometheus wants the ServiceMonitor', prometheuses.unread)
