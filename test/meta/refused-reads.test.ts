import { describe, expect, it } from 'vitest'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { openSnapshot } from '../../src/cluster/snapshot.ts'
import { rights } from '../../src/facts/rights.ts'
import type { CheckOutcome } from '../../src/model/check.ts'
import type { Examination } from '../../src/model/examination.ts'
import type { Severity } from '../../src/model/finding.ts'
import { run } from '../../src/run.ts'
import { recorded, scenarioAt } from '../scenarios/scenario.ts'
import { inWords, withRights } from './taken-rights.ts'

/** Clusters in which much depends on one read each: without every right in turn. */
const telling = [
  'healthy',
  'healthy/agent',
  'healthy/grafana-operator',
  'healthy/statefulset-grafana',
  'dashboard/duplicate-title',
  'monitor/label-mismatch',
  'monitor/no-endpoints',
  'other-ways/monitor-elsewhere',
  'permissions/no-deployments',
  'scrape/forbidden',
  'scrape/reload-failing',
  'stack/prometheus-not-managed',
]

/** What every authenticated user may is not taken away. */
const takenAway = rights.filter(({ anyway }) => anyway === undefined).map(inWords)

const perCluster = telling.map(name => [name, takenAway] as const)
/** Of all others, each without another right. */
const inTurn = recorded()
  .filter(name => !telling.includes(name))
  .map((name, index) => [name, takenAway.slice(index % takenAway.length).slice(0, 1)] as const)

describe('a read that is refused', () => {
  it.each(perCluster)(
    'makes nothing of %s right, absent or wrong',
    async (name, refused) => {
      expect(await madeUp(name, refused)).toEqual([])
    },
    120_000,
  )

  it('makes nothing right, absent or wrong in any other recorded cluster', async () => {
    const found: string[] = []
    for (const [name, refused] of inTurn) found.push(...(await madeUp(name, refused)))
    expect(found).toEqual([])
  }, 240_000)
})

/** What is said of a recorded cluster without a right, and could not be known without it. */
const madeUp = async (name: string, refused: readonly string[]): Promise<readonly string[]> => {
  const { cluster, header } = await openSnapshot(scenarioAt(name).snapshot)
  const examine = (seen: Cluster) => run(seen, { narrowing: header.narrowing, only: [], skip: [] })
  const before = await examine(cluster)
  const found: string[] = []
  for (const what of refused) {
    const after = await examine(without(what, cluster))
    found.push(...[...turned(before, after), ...added(before, after)].map(words => `${name} without ${what}: ${words}`))
  }
  return found
}

const without = (what: string, cluster: Cluster): Cluster =>
  withRights(cluster, (taken, read) => {
    const refused = taken.find(one => one.what === what)
    if (!refused) return read()
    const [verb = '', resource = ''] = what.split(' ')
    const { namespace } = refused
    const place = namespace === undefined ? {} : { namespace }
    return Promise.resolve({
      ok: false,
      unavailable: { why: 'forbidden', verb, resource, ...place, message: `may not ${what}` },
    })
  })

/** Checks that come to another end than that they do not know, or need not. */
const turned = (before: Examination, after: Examination): readonly string[] =>
  after.diagnosis.outcomes.flatMap(outcome => {
    const former = before.diagnosis.outcomes.find(({ id }) => id === outcome.id)
    const [was, is] = [former && endOf(former), endOf(outcome)]
    const isHonest = is === was || is === 'unknown' || is === 'proved' || was === 'notApplicable'
    return isHonest || outcome.id === 'access-permissions' ? [] : [`${outcome.id} ${was} -> ${is}`]
  })

const endOf = ({ result }: CheckOutcome): string => (result.outcome === 'skipped' ? result.why : result.outcome)

/** Errors and warnings that were none, or of a thing that is only on its way. */
const added = (before: Examination, after: Examination): readonly string[] => {
  const known = new Set(codesIn(before))
  return codesIn(after).filter(code => !known.has(code) && !known.has(moreExactly[code] ?? ''))
}

/** What is found all the same where why it is so cannot be told. */
const moreExactly: Readonly<Record<string, string>> = { 'monitor/missing': 'monitor/installed-before-crds' }

const grave: ReadonlySet<Severity> = new Set(['error', 'warning'])

const codesIn = ({ diagnosis }: Examination): readonly string[] =>
  diagnosis.causes
    .flatMap(({ root, explains }) => [root, ...explains])
    .filter(({ severity, code }) => grave.has(severity) && code !== 'access/forbidden')
    .map(({ code }) => code)
