import { beforeAll, describe, expect, it } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { openSnapshot } from '../../src/cluster/snapshot.ts'
import { factsOf } from '../../src/command-line/cluster-facts.ts'
import { placeForOperator } from '../../src/command-line/dashboard-place.ts'
import { commandRights, rights } from '../../src/facts/rights.ts'
import type { Right } from '../../src/model/rbac.ts'
import { run } from '../../src/run.ts'
import { recorded, scenarioAt } from '../scenarios/scenario.ts'
import { rowOf, rowsBeneath } from './permissions-page.ts'
import { inWords, type Taken, withRights } from './taken-rights.ts'

describe('the table of rights', () => {
  const asked: Taken[] = []

  beforeAll(async () => {
    for (const name of recorded()) {
      const { cluster, header } = await openSnapshot(scenarioAt(name).snapshot)
      await run(
        listening(cluster, taken => asked.push(...taken)),
        { narrowing: header.narrowing, only: [], skip: [] },
      )
    }
    // All that was ever recorded is replayed.
  }, 60_000)

  it('holds all that the facts ask for', () => {
    const granted = (what: string) => rights.some(right => covers(right, what))
    expect(distinct(asked.map(({ what }) => what)).filter(what => !granted(what))).toEqual([])
  })

  it('holds nothing that no fact asks for', () => {
    const idle = rights.filter(right => !asked.some(({ what }) => covers(right, what)))
    expect(idle.map(inWords)).toEqual([])
  })

  it('tells what can be granted in a namespace', () => {
    const inNamespaces = asked.filter(({ namespace }) => namespace !== undefined).map(({ what }) => what)
    const cluster = rights.filter(({ scope }) => scope === 'cluster')
    expect(cluster.filter(right => inNamespaces.some(what => covers(right, what))).map(inWords)).toEqual([])
  })

  it('stands in docs/permissions.md as it is', () => {
    const rows = rights.map(right => rowOf([right], right.leavesUnknown.join(', ')))
    expect(rowsBeneath('What the doctor may have to read')).toEqual(rows)
  })

  it('names checks that there are, in their order', () => {
    const ids = checks.map(({ id }) => id)
    const wrong = rights.filter(({ leavesUnknown }) => {
      const places = leavesUnknown.map(id => ids.indexOf(id))
      return places.some((place, index) => place <= (places[index - 1] ?? -1))
    })
    expect(wrong.map(inWords)).toEqual([])
  })
})

const covers = (right: Right, what: string): boolean =>
  right.path?.endsWith('*') ? what.startsWith(`${right.verb} ${right.path.slice(0, -1)}`) : inWords(right) === what

describe('the rights that only other commands ask for', () => {
  it('are what the place of a GrafanaDashboard takes', async () => {
    const asked: string[] = []
    const { cluster, header } = await openSnapshot(scenarioAt('healthy').snapshot)
    const told = listening(cluster, taken => asked.push(...taken.map(({ what }) => what)))
    await placeForOperator({}, async () => factsOf(told, header.narrowing))
    expect(distinct(asked).filter(what => !rights.some(right => covers(right, what)))).toEqual(
      commandRights.map(inWords),
    )
  })

  it('stand in docs/permissions.md as they are', () => {
    const rows = commandRights.map(right => rowOf([right]))
    expect(rowsBeneath('What other commands may have to read')).toEqual(rows)
  })

  it('repeat none of the doctor’s', () => {
    const words = rights.map(inWords)
    expect(commandRights.map(inWords).filter(word => words.includes(word))).toEqual([])
  })
})

/** A cluster whose reads are told. */
const listening = (cluster: Cluster, tell: (taken: readonly Taken[]) => void): Cluster =>
  withRights(cluster, (taken, read) => {
    tell(taken)
    return read()
  })

const distinct = (texts: readonly string[]): readonly string[] => [...new Set(texts)]
