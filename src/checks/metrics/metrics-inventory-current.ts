import { inventoriedKind, inventoryGauge } from '../../dynamo/inventory.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { InventoryOfChain } from '../../model/prometheus.ts'
import { unreadOf } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'

export const metricsInventoryCurrent = defineCheck({
  id: 'metrics-inventory-current',
  title: 'The operator counts no resource that is gone',
  area: 'metrics',
  needs: ['chains', 'inventories'],
  wants: ['graphDeployments'],
  codes: {
    'metrics/stale-inventory': {
      title: 'The operator’s resource counts hold more than the cluster does',
      severity: 'warning',
    },
  },
  run({ chains, inventories, graphDeployments }) {
    const counting = chains.items.flatMap(chain => {
      const inventory = largestOf(chain, inventories.items)
      return inventory ? [{ chain, inventory }] : []
    })
    const unread = unreadOf(chains.items, inventories)
    if (counting.length === 0 && unread.length === 0)
      return { notApplicable: `no Prometheus holds a count of ${inventoriedKind}s` }
    if (graphDeployments.ok && graphDeployments.value === null)
      return { notApplicable: `the cluster does not serve ${inventoriedKind}s, as this version knows them` }
    const existing = graphDeployments.ok ? graphDeployments.value : null
    return {
      findings: counting
        .filter(({ inventory }) => existing !== null && totalOf(inventory) > existing)
        .map(({ chain, inventory }) => stale(chain, inventory, existing ?? 0)),
      unknown: [
        ...(unread.length > 0 ? [{ missing: unread, reason: `how many ${inventoriedKind}s the operator counts` }] : []),
        ...(counting.length > 0 && !graphDeployments.ok
          ? [{ missing: [graphDeployments.unavailable], reason: `how many ${inventoriedKind}s there are` }]
          : []),
      ],
      notes: counting.map(
        ({ chain, inventory }) =>
          `${chain.id} counts ${totalOf(inventory)} ${inventoriedKind}s in ${formatRef(inventory.prometheus)}; there are ${existing ?? '?'}`,
      ),
    }
  },
})

const totalOf = ({ counts }: InventoryOfChain): number => counts.reduce((sum, { resources }) => sum + resources, 0)

/** Each Prometheus holds the same counts. One that was scraping when the others were not holds more that is stale. */
const largestOf = ({ id }: Chain, inventories: readonly InventoryOfChain[]): InventoryOfChain | undefined =>
  inventories
    .filter(inventory => inventory.chain === id && inventory.counts.length > 0)
    .toSorted((a, b) => totalOf(b) - totalOf(a))[0]

/**
 * Upstream (ResourceCounter, the same from 0.9 to 1.6): every 30 s the counts of what is there are set, and none is ever
 * deleted. Fewer than there are is no fault: an operator may be kept to some namespaces, or not have counted again.
 */
const stale = (chain: Chain, inventory: InventoryOfChain, existing: number): Finding<'metrics/stale-inventory'> => ({
  code: 'metrics/stale-inventory',
  subject: refOf(chain.workload),
  about: [refOf(chain.workload), inventory.prometheus],
  message: `${chain.id} counts ${totalOf(inventory)} ${inventoriedKind}s, but there ${existing === 1 ? 'is 1' : `are ${existing}`}`,
  evidence: [
    {
      ref: inventory.prometheus,
      path: `${inventoryGauge}{resource_type="${inventoriedKind}"}`,
      expected: existing === 0 ? 'none' : `no more than ${existing}`,
      actual: inventory.counts
        .map(({ namespace, status, resources }) => `${resources} ${status || 'without a state'} in ${namespace}`)
        .sort()
        .join(', '),
    },
  ],
  because:
    'the operator sets the counts of what it sees and never takes one back: the state or the namespace that a resource left keeps it until the operator restarts',
  fixes: [restart(chain)],
})

/** Told, not done: a restart of the operator for the sake of a number is the user's to decide. */
const restart = ({ workload: { kind, metadata } }: Chain): Fix => ({
  id: 'restart-operator',
  title: 'Restart the operator, which then counts anew',
  risk: 'manual',
  at: 'live',
  steps: [
    {
      do: 'tell',
      text: 'The counts are right again some 30 s after the restart, and in queries over a range when it has passed.',
      commands: [`kubectl -n ${metadata.namespace} rollout restart ${kind.toLowerCase()}/${metadata.name}`],
    },
  ],
  lasts: 'Until a resource changes its state or goes: the operator of every version so far keeps what it counted.',
  verify: ['metrics-inventory-current'],
})
