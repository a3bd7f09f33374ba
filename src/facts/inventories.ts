import type { InventoryCount, Sample } from '../model/prometheus.ts'
import { mapAnswers } from './ask-of-chains.ts'
import type { FactReader } from './fact-reader.ts'

/** What each Prometheus holds of each operator's own count of its DynamoGraphDeployments. */
export const inventories: FactReader<'inventories'> = async ({ fact }) =>
  mapAnswers(await fact('stored'), ({ chain, prometheus, samples }) => ({
    chain,
    prometheus,
    counts: [...Map.groupBy(samples.inventory.map(countOf), keyOf).values()].flatMap(largest),
  }))

const countOf = ({ labels, value }: Sample): InventoryCount => ({
  namespace: labels.exported_namespace ?? labels.namespace ?? '',
  status: labels.status ?? '',
  resources: value,
})

/** For five minutes after the scrape began to rename the label, or stopped, both names are there. */
const keyOf = ({ namespace, status }: InventoryCount): string => `${namespace}/${status}`

const largest = (same: readonly InventoryCount[]): readonly InventoryCount[] =>
  same.toSorted((a, b) => b.resources - a.resources).slice(0, 1)
