import { inventoryGauge } from '../../dynamo/inventory.ts'
import type { Chain } from '../../model/chain.ts'
import type { Fix } from '../../model/fix.ts'

export const oneScrape = ({ service, workload }: Chain): Fix => {
  const namespace = (service ?? workload).metadata.namespace ?? ''
  return {
    id: 'scrape-once',
    title: 'Leave one of the scrapes',
    risk: 'manual',
    at: 'source',
    steps: [
      {
        do: 'tell',
        text: 'Keep one endpoint of one ServiceMonitor that selects one Service of these pods, and take the others away where they are made.',
        commands: [
          `kubectl -n ${namespace} get servicemonitors -o yaml`,
          `kubectl -n ${namespace} get services --show-labels`,
        ],
      },
    ],
    lasts: 'Yes, when it is changed where the objects are made.',
    verify: ['metrics-counted-once'],
  }
}

/** Without honorLabels the resource’s namespace is in exported_namespace: the query holds either way. */
export const queryOfCounts = `sum by (resource_type, status) (max by (resource_type, namespace, status) (label_replace(${inventoryGauge}, "namespace", "$1", "exported_namespace", "(.+)")))`

export const byReplicasBecause =
  'every replica of the operator counts the resources of the whole cluster, whether it is the leader or not'

export const rightQuery: Fix = {
  id: 'query-max',
  title: 'Take the max over the copies before the sum',
  risk: 'manual',
  at: 'source',
  steps: [
    {
      do: 'tell',
      text: `In dashboards and alerts: ${queryOfCounts}. The dashboard that this tool prints does so already.`,
      commands: ['dynamo-metrics dashboard export'],
    },
  ],
  lasts: 'Yes: it is right for one replica as for several.',
  verify: ['metrics-counted-once'],
}
