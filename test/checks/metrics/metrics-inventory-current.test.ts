import { describe, expect, it } from 'vitest'
import { metricsInventoryCurrent } from '../../../src/checks/metrics/metrics-inventory-current.ts'
import type { FactName, Facts } from '../../../src/model/facts.ts'
import { all, findingsOf, healthyFacts, inventory, read, refusal, runCheck, summary, unread } from '../healthy-facts.ts'
import { anotherPrometheus, chain } from '../stack/healthy-chain.ts'

const edge = anotherPrometheus('edge', {})
const ofEdge = { apiVersion: edge.apiVersion, kind: edge.kind, namespace: edge.metadata.namespace ?? '', name: 'edge' }
const stale = 'failed metrics/stale-inventory'
const training = { ...chain(), id: 'training/dyn2' }

/** The operator looks after one namespace, which holds so many; the cluster holds more. */
const keptTo = (resources: number): Partial<Facts> => ({
  graphDeployments: 50,
  graphDeploymentsWithin: all({ chain: chain().id, namespace: 'team-a', resources: read(resources) }),
})

describe('metrics-inventory-current', () => {
  it.each<[what: string, overrides: Partial<Facts>, refused: readonly FactName[], wanted: string]>([
    ['as many as there are', {}, [], 'passed'],
    ['more than there are', { graphDeployments: 3 }, [], stale],
    ['counts of what is all gone', { graphDeployments: 0 }, [], stale],
    ['fewer, where another operator counts the rest', { graphDeployments: 50 }, [], 'passed'],
    ['as many as there are in the namespace that it is kept to', keptTo(4), [], 'passed'],
    ['more than there are in the namespace that it is kept to', keptTo(3), [], stale],
    ['kept to a namespace, where no others may be counted', keptTo(4), ['graphDeployments'], 'passed'],
    [
      'kept to a namespace that may not be counted',
      { graphDeploymentsWithin: all({ chain: chain().id, namespace: 'team-a', resources: unread() }) },
      [],
      'unknown',
    ],
    [
      'kept to a namespace, beside one that counts all',
      { ...keptTo(3), chains: all(chain(), training), inventories: all(inventory({ chain: training.id })) },
      [],
      'passed',
    ],
    ['no counts yet', { inventories: all(inventory({ counts: [] })), graphDeployments: 0 }, [], 'skipped'],
    ['a cluster that does not serve the kind', { graphDeployments: null }, [], 'skipped'],
    ['resources that may not be counted', {}, ['graphDeployments'], 'unknown'],
    ['resources that may not be counted, and no counts', { inventories: all() }, ['graphDeployments'], 'skipped'],
    [
      'a Prometheus that does not answer',
      { inventories: { items: [], unread: [refusal('pods/proxy')] } },
      [],
      'unknown',
    ],
    [
      'one of two Prometheuses does not answer',
      { inventories: { items: [inventory()], unread: [refusal('pods/proxy')] } },
      [],
      'passed',
    ],
    [
      'one of two Prometheuses holds more',
      { inventories: all(inventory({ counts: [] }), inventory({ prometheus: ofEdge })), graphDeployments: 3 },
      [],
      stale,
    ],
    [
      'two operators that each count all',
      { chains: all(chain(), training), inventories: all(inventory(), inventory({ chain: training.id })) },
      [],
      'passed',
    ],
    [
      'two operators of which one is not answered for',
      {
        chains: all(chain(), training),
        inventories: { items: [inventory()], unread: [refusal('pods/proxy')] },
        graphDeployments: 3,
      },
      [],
      stale,
    ],
  ])('%s', async (_, overrides, unavailable, wanted) => {
    expect(summary(await runCheck(metricsInventoryCurrent, healthyFacts(overrides), { unavailable }))).toBe(wanted)
  })

  it('names the namespace that the operator is kept to', async () => {
    const [finding] = findingsOf(await runCheck(metricsInventoryCurrent, healthyFacts(keptTo(1))))
    expect(finding?.message).toContain('counts 4 DynamoGraphDeployments, but there is 1 in team-a')
    expect(finding?.evidence[0]).toMatchObject({ expected: 'no more than 1 in team-a' })
  })

  it('says where the counts are, and leaves the restart to the user', async () => {
    const [finding] = findingsOf(await runCheck(metricsInventoryCurrent, healthyFacts({ graphDeployments: 1 })))
    expect(finding?.message).toContain('counts 4 DynamoGraphDeployments, but there is 1')
    expect(finding?.evidence[0]).toMatchObject({
      expected: 'no more than 1',
      actual: '1 pending in team-a, 3 successful in team-a',
    })
    expect(finding?.fixes.map(({ risk }) => risk)).toEqual(['manual'])
  })
})
