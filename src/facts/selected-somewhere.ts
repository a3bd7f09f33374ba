import { namespaceLabels } from '../kubernetes/namespace-labels.ts'
import { itemsIn } from '../model/read.ts'
import { monitorsOf } from '../prometheus/monitors-of-chain.ts'
import { judgeSelection } from '../prometheus/selection.ts'
import type { ReadContext } from './fact-reader.ts'

/** Whether each chain has a ServiceMonitor that some Prometheus selects, as far as could be read. */
export const selectedSomewhere = async ({ fact }: ReadContext): Promise<boolean> => {
  const [chains, monitors, prometheuses, namespaces, operators] = await Promise.all([
    fact('chains'),
    fact('serviceMonitors'),
    fact('prometheuses'),
    fact('namespaces'),
    fact('prometheusOperators'),
  ])
  if (!chains.ok || !monitors.ok || !prometheuses.ok) return false
  return chains.value.items.every(chain =>
    monitorsOf(chain, monitors.value.items).some(serviceMonitor =>
      prometheuses.value.items.some(
        prometheus =>
          judgeSelection({
            serviceMonitor,
            prometheus,
            namespaceLabels: namespaceLabels(namespaces, serviceMonitor.metadata.namespace),
            operators: itemsIn(operators),
          }).selected === true,
      ),
    ),
  )
}
