import { describe, expect, it } from 'vitest'
import { queriesMatch } from '../../../src/checks/dashboard/queries-match.ts'
import { metricsNamesCurrent } from '../../../src/checks/metrics/metrics-names-current.ts'
import { diagnose } from '../../../src/diagnose.ts'
import type { Facts } from '../../../src/model/facts.ts'
import type { DoubtfulFamily, QueriedFamilies } from '../../../src/model/grafana.ts'
import type { Read } from '../../../src/model/read.ts'
import { queried } from '../dashboard/healthy-facts.ts'
import { all, findingsOf, healthyFacts, read, refusal, runCheck, summary, unread } from '../healthy-facts.ts'

const former = 'dynamo_operator_reconcile_total'
const doubtful = (found: Read<boolean>, parts: Partial<DoubtfulFamily> = {}): DoubtfulFamily => ({
  name: former,
  moved: true,
  now: 'controller_runtime_reconcile_total',
  found,
  ...parts,
})
const asks = (...doubts: readonly DoubtfulFamily[]): QueriedFamilies =>
  queried({
    queries: [{ where: 'panel “Rate”', expression: `sum(${former})`, families: [former], summed: [] }],
    doubtful: doubts,
  })
const renamed = 'failed metrics/renamed'

describe('metrics-names-current', () => {
  it.each<[what: string, overrides: Partial<Facts>, wanted: string]>([
    ['a dashboard of this version', {}, 'passed'],
    ['a former name that Prometheus has no more', { queriedFamilies: all(asks(doubtful(read(false)))) }, renamed],
    ['a former name that Prometheus still has', { queriedFamilies: all(asks(doubtful(read(true)))) }, 'passed'],
    ['a former name, and no Prometheus to ask', { queriedFamilies: all(asks(doubtful(unread()))) }, renamed],
    [
      'a name that nobody knows',
      { queriedFamilies: all(asks({ name: 'dynamo_operator_x', moved: false, found: read(false) })) },
      'passed',
    ],
    ['no dashboard', { queriedFamilies: all() }, 'skipped'],
    ['dashboards that may not be read', { queriedFamilies: { items: [], unread: [refusal('configmaps')] } }, 'unknown'],
  ])('%s', async (_, overrides, wanted) => {
    expect(summary(await runCheck(metricsNamesCurrent, healthyFacts(overrides)))).toBe(wanted)
  })

  it('names the new name, and who asks for the old one', async () => {
    const facts = healthyFacts({ queriedFamilies: all(asks(doubtful(read(false)))) })
    const [finding] = findingsOf(await runCheck(metricsNamesCurrent, facts))
    expect(finding?.evidence).toMatchObject([
      { path: 'panel “Rate”', expected: 'controller_runtime_reconcile_total', actual: former },
    ])
  })

  it('explains the panels that stay empty', async () => {
    const facts = healthyFacts({ queriedFamilies: all(asks(doubtful(read(false)))) })
    const outcomes = await Promise.all(
      [metricsNamesCurrent, queriesMatch].map(async check => ({ ...check, result: await runCheck(check, facts) })),
    )
    const { causes } = diagnose(outcomes, { ...metricsNamesCurrent.codes, ...queriesMatch.codes })
    expect(causes.map(({ root, explains }) => [root.code, explains.map(({ code }) => code)])).toEqual([
      ['metrics/renamed', ['dashboard/queries-unmatched']],
    ])
  })
})
