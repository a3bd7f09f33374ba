import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import { openSnapshot } from '../../src/cluster/snapshot.ts'
import { rights } from '../../src/facts/rights.ts'
import type { Right } from '../../src/model/rbac.ts'
import { run } from '../../src/run.ts'
import { recorded, scenarioAt } from '../scenarios/scenario.ts'
import { inWords, type Taken, withRights } from './taken-rights.ts'

describe('the table of rights', () => {
  const asked: Taken[] = []

  beforeAll(async () => {
    for (const name of recorded()) {
      const { cluster, header } = await openSnapshot(scenarioAt(name).snapshot)
      await run(
        withRights(cluster, (taken, read) => {
          asked.push(...taken)
          return read()
        }),
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
    const page = readFileSync(new URL('../../docs/permissions.md', import.meta.url), 'utf8')
    expect(page.split('\n').filter(line => line.startsWith('| `'))).toEqual(rights.map(rowOf))
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

const rowOf = (right: Right): string =>
  `| \`${inWords(right)}\` | ${right.scope === 'cluster' ? 'cluster' : 'namespace'} | ${right.why} | ${right.leavesUnknown.join(', ')} |`

const covers = (right: Right, what: string): boolean =>
  right.path?.endsWith('*') ? what.startsWith(`${right.verb} ${right.path.slice(0, -1)}`) : inWords(right) === what

const distinct = (texts: readonly string[]): readonly string[] => [...new Set(texts)]
