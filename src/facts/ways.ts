import { itemsIn, type Read } from '../model/read.ts'
import { type Way, waysInQuestion } from '../prometheus/ways-in-question.ts'
import type { ReadContext } from './fact-reader.ts'

/** The ways that no target's answer proves open. A Prometheus that could not be asked proves none. */
export const waysOf = async ({ fact }: ReadContext): Promise<Read<readonly Way[]>> => {
  const [chains, serviceMonitors, prometheuses, states] = await Promise.all([
    fact('chains'),
    fact('serviceMonitors'),
    fact('prometheuses'),
    fact('prometheusStates'),
  ])
  if (!chains.ok) return chains
  if (!serviceMonitors.ok) return serviceMonitors
  if (!prometheuses.ok) return prometheuses
  return {
    ok: true,
    value: waysInQuestion({
      chains: chains.value.items,
      serviceMonitors: serviceMonitors.value.items,
      prometheuses: prometheuses.value.items,
      states: itemsIn(states),
    }),
  }
}
