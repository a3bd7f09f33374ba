import { describe, expect, it } from 'vitest'
import { queriesMatch } from '../../../src/checks/dashboard/queries-match.ts'
import type { DoubtfulFamily } from '../../../src/model/grafana.ts'
import type { Read, Unavailable } from '../../../src/model/read.ts'
import { family, series } from '../healthy-facts.ts'
import {
  all,
  chain,
  findingsOf,
  forbidden,
  healthyFacts,
  type Looked,
  queried,
  runCheck,
  summary,
} from './healthy-facts.ts'

const yes: Read<boolean> = { ok: true, value: true }
const no: Read<boolean> = { ok: true, value: false }
const refused = (why: Unavailable['why'] = 'forbidden'): Read<boolean> => ({
  ok: false,
  unavailable: { ...forbidden('pods/proxy'), why },
})
const doubting = (...doubtful: readonly DoubtfulFamily[]): Partial<Looked> => ({
  queriedFamilies: all(queried({ doubtful })),
})
const moved = (found: Read<boolean>) => ({ name: 'dynamo_operator_reconcile_total', moved: true, found })
const strange = (found: Read<boolean>) => ({ name: 'dynamo_operator_x_total', moved: false, found })

const atWork = all({ ...series(), chain: chain.id })
const idle = all({ ...series([family('controller_runtime_reconcile_total')]), chain: chain.id })

describe('dashboard-queries-match', () => {
  const unmatched = 'failed dashboard/queries-unmatched'
  it.each<[string, Partial<Looked>, typeof atWork, string]>([
    ['nothing in doubt', {}, atWork, 'passed'],
    ['nothing in doubt, and an idle operator', {}, idle, 'passed'],
    ['of another era', doubting(moved(no)), idle, unmatched],
    ['… and Prometheus has it', doubting(moved(yes)), atWork, 'passed'],
    ['… and Prometheus may not be asked', doubting(moved(refused())), atWork, unmatched],
    ['unknown to all, at work', doubting(strange(no)), atWork, unmatched],
    ['… and Prometheus has it', doubting(strange(yes)), atWork, 'passed'],
    ['… and the operator is idle', doubting(strange(no)), idle, 'unknown'],
    ['… and Prometheus may not be asked', doubting(strange(refused())), atWork, 'unknown'],
    ['… and only files are there', doubting(strange(refused('not-live'))), atWork, 'skipped'],
    [
      'no PromQL',
      {
        queriedFamilies: all(
          queried({ queries: [{ where: 'panel “A”', expression: 'sum(', families: null, summed: [] }] }),
        ),
      },
      atWork,
      'unknown',
    ],
    ['no dashboard', { queriedFamilies: all() }, atWork, 'skipped'],
    ['no Grafana', { grafanas: all() }, atWork, 'skipped'],
    ['no operator', { chains: all() }, atWork, 'skipped'],
    [
      'an operator of before all metrics',
      { chains: all({ ...chain, era: '0.8' }), ...doubting(moved(no)) },
      idle,
      'skipped',
    ],
  ])('%s', async (_, change, stored, wanted) => {
    expect(summary(await runCheck(queriesMatch, { ...healthyFacts(change), series: stored }))).toBe(wanted)
  })

  it('names the panels that stay empty', async () => {
    const [finding] = findingsOf(await runCheck(queriesMatch, healthyFacts(doubting(moved(no)))))
    expect(finding?.message).toMatch(/panel “Rate” stays empty$/)
    expect(finding?.evidence[0]).toMatchObject({ path: 'panel “Rate”' })
  })

  it('shows the beginning of an expression that it cannot tell', async () => {
    const endless = { where: 'panel “A”', expression: 'a + '.repeat(5000), families: null, summed: [] }
    const outcome = await runCheck(
      queriesMatch,
      healthyFacts({ queriedFamilies: all(queried({ queries: [endless] })) }),
    )
    const [reason = ''] = outcome.outcome === 'unknown' ? outcome.unknown.map(one => one.reason) : []
    expect(reason).toMatch(/cannot be told from a \+ .* … \(20000 characters\)$/)
    expect(reason.length).toBeLessThan(400)
  })

  it('is unknown where the dashboard may not be read', async () => {
    const outcome = await runCheck(queriesMatch, healthyFacts(), { unavailable: ['queriedFamilies'] })
    expect(summary(outcome)).toBe('unknown')
  })

  const fixOf = async (parts: Parameters<typeof queried>[0]) => {
    const facts = healthyFacts({ queriedFamilies: all(queried({ doubtful: [moved(no)], ...parts })) })
    return findingsOf(await runCheck(queriesMatch, facts))[0]?.fixes[0]
  }

  it('puts this version’s dashboard under the key of the ConfigMap that holds the other', async () => {
    expect(await fixOf({ key: 'operator.json' })).toMatchObject({
      id: 'update-dashboard',
      risk: 'disruptive',
      steps: [{ do: 'tell' }, { do: 'dashboard', era: '1.0', target: queried().source, key: 'operator.json' }],
      verify: expect.arrayContaining(['grafana-dashboard-loaded']),
    })
  })

  it.each([
    ['no ConfigMap holds it', {}],
    ['its operator is not there', { key: 'operator.json', chains: ['other'] }],
  ])('tells how where %s', async (_, parts) => {
    expect(await fixOf(parts)).toMatchObject({ risk: 'manual', steps: [{ do: 'tell' }] })
  })
})
