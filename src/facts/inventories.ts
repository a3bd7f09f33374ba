import { inventoriedKind, inventoryGauge } from '../dynamo/inventory.ts'
import { askOfChains, quote } from './ask-of-chains.ts'
import type { FactReader } from './fact-reader.ts'

/**
 * What each Prometheus holds of each operator's own count of its DynamoGraphDeployments. Of the last five minutes the
 * least is taken, so that what the operator has yet to count again, every 30 s, is no difference; and of the series that
 * are still written, for a range holds those of pods that are gone, too.
 */
export const inventories: FactReader<'inventories'> = async context => {
  const answers = await askOfChains(context, ({ selector }) => {
    const counts = `${inventoryGauge}{resource_type=${quote(inventoriedKind)},${selector}}`
    return `max by (namespace, exported_namespace, status) (min_over_time(${counts}[5m]) and ${counts}) > 0`
  })
  if (!answers.ok) return answers
  const { items, ...listing } = answers.value
  return {
    ok: true,
    value: {
      ...listing,
      items: items.map(({ chain, prometheus, samples }) => ({
        chain,
        prometheus,
        counts: samples.map(({ labels, value }) => ({
          namespace: labels.exported_namespace ?? labels.namespace ?? '',
          status: labels.status ?? '',
          resources: value,
        })),
      })),
    },
  }
}
