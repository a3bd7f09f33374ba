import { inventoriedKind, inventoryGauge } from '../../dynamo/inventory.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { InventoryOfChain } from '../../model/prometheus.ts'
import { itemsIn, type Read } from '../../model/read.ts'
import { unreadOf } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'

export const metricsInventoryCurrent = defineCheck({
  id: 'metrics-inventory-current',
  title: 'The operator counts no resource that is gone',
  area: 'metrics',
  needs: ['chains', 'inventories'],
  wants: ['graphDeployments', 'graphDeploymentsWithin'],
  codes: {
    'metrics/stale-inventory': {
      title: 'The operator’s resource counts hold more than the cluster does',
      severity: 'warning',
    },
  },
  run({ chains, inventories, graphDeployments, graphDeploymentsWithin }) {
    const within = itemsIn(graphDeploymentsWithin)
    const counting = chains.items.flatMap(chain => {
      const inventory = largestOf(chain, inventories.items)
      const own = within.find(one => one.chain === chain.id)
      const existing = own?.resources ?? graphDeployments
      return inventory ? [{ chain, inventory, existing, namespace: own?.namespace }] : []
    })
    const unread = unreadOf(chains.items, inventories)
    if (counting.length === 0 && unread.length === 0)
      return { notApplicable: `no Prometheus holds a count of ${inventoriedKind}s` }
    if (graphDeployments.ok && graphDeployments.value === null)
      return { notApplicable: `the cluster does not serve ${inventoriedKind}s, as this version knows them` }
    const refused = counting.flatMap(({ existing }) => (existing.ok ? [] : [existing.unavailable]))
    return {
      findings: counting.filter(isStale).map(stale),
      unknown: [
        ...(unread.length > 0 ? [{ missing: unread, reason: `how many ${inventoriedKind}s the operator counts` }] : []),
        ...(refused.length > 0 ? [{ missing: refused, reason: `how many ${inventoriedKind}s there are` }] : []),
      ],
      notes: counting.map(
        ({ chain, inventory, existing, namespace }) =>
          `${chain.id} counts ${totalOf(inventory)} ${inventoriedKind}s in ${formatRef(inventory.prometheus)}; there are ${existing.ok ? existing.value : '?'}${place(namespace)}`,
      ),
    }
  },
})

/** What an operator counts, before what there is to count for it. */
interface Counting {
  readonly chain: Chain
  readonly inventory: InventoryOfChain
  readonly existing: Read<number | null>
  /** The one that it is kept to. */
  readonly namespace: string | undefined
}

const isStale = ({ inventory, existing }: Counting): boolean =>
  existing.ok && existing.value !== null && totalOf(inventory) > existing.value

const place = (namespace: string | undefined): string => (namespace === undefined ? '' : ` in ${namespace}`)

const totalOf = ({ counts }: InventoryOfChain): number => counts.reduce((sum, { resources }) => sum + resources, 0)

/** Each Prometheus holds the same counts. One that was scraping when the others were not holds more that is stale. */
const largestOf = ({ id }: Chain, inventories: readonly InventoryOfChain[]): InventoryOfChain | undefined =>
  inventories
    .filter(inventory => inventory.chain === id && inventory.counts.length > 0)
    .toSorted((a, b) => totalOf(b) - totalOf(a))[0]

/**
 * Upstream (ResourceCounter, the same from 0.9 to 1.6): every 30 s the counts of what is there are set, and none is ever
 * deleted. Fewer than there are is no fault: another operator may count the rest, or this one not have counted again.
 */
const stale = ({ chain, inventory, existing: read, namespace }: Counting): Finding<'metrics/stale-inventory'> => {
  const existing = read.ok ? (read.value ?? 0) : 0
  return {
    code: 'metrics/stale-inventory',
    subject: refOf(chain.workload),
    about: [refOf(chain.workload), inventory.prometheus],
    message: `${chain.id} counts ${totalOf(inventory)} ${inventoriedKind}s, but there ${existing === 1 ? 'is 1' : `are ${existing}`}${place(namespace)}`,
    evidence: [
      {
        ref: inventory.prometheus,
        path: `${inventoryGauge}{resource_type="${inventoriedKind}"}`,
        expected: `${existing === 0 ? 'none' : `no more than ${existing}`}${place(namespace)}`,
        actual: inventory.counts
          .map(({ namespace, status, resources }) => `${resources} ${status || 'without a state'} in ${namespace}`)
          .sort()
          .join(', '),
      },
    ],
    because:
      'the operator sets the counts of what it sees and never takes one back: the state or the namespace that a resource left keeps it until the operator restarts',
    fixes: [restart(chain)],
  }
}

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
