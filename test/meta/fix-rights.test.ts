import { beforeAll, describe, expect, it } from 'vitest'
import { openSnapshot } from '../../src/cluster/snapshot.ts'
import { rights } from '../../src/facts/rights.ts'
import { fixRights } from '../../src/fix/fix-rights.ts'
import { pluralOf } from '../../src/kubernetes/plural-of.ts'
import type { FixStep } from '../../src/model/fix.ts'
import { run } from '../../src/run.ts'
import { recorded, scenarioAt } from '../scenarios/scenario.ts'
import { rowOf, rowsBeneath } from './permissions-page.ts'
import { inWords } from './taken-rights.ts'

const resourceOf = (apiVersion: string, kind: string): string =>
  `${pluralOf(kind)}${apiVersion.includes('/') ? `.${apiVersion.split('/')[0]}` : ''}`

/** What a step takes of the API server, by the protocol of --fix and undo. */
const needsOf = (step: FixStep): readonly string[] => {
  const all = (verbs: readonly string[], apiVersion: string, kind: string) =>
    verbs.map(verb => `${verb} ${resourceOf(apiVersion, kind)}`)
  if (step.do === 'tell') return []
  // Its records; what the chart's objects take is the chart's to say.
  if (step.do === 'helm-upgrade') return all(['get', 'list', 'create', 'update', 'delete'], 'v1', 'Secret')
  if (step.do === 'apply')
    return all(['get', 'patch', 'create', 'delete'], String(step.manifest.apiVersion), step.manifest.kind)
  const verbs = step.do === 'dashboard' ? ['get', 'patch', 'create', 'delete'] : ['get', 'patch']
  return all(verbs, step.target.apiVersion, step.target.kind)
}

describe('the rights of the fixes', () => {
  const steps: FixStep[] = []

  beforeAll(async () => {
    for (const name of recorded()) {
      const { cluster, header } = await openSnapshot(scenarioAt(name).snapshot)
      const { diagnosis } = await run(cluster, { narrowing: header.narrowing, only: [], skip: [] })
      steps.push(...diagnosis.causes.flatMap(({ root }) => root.fixes.flatMap(fix => fix.steps)))
    }
  }, 60_000)

  it('are enough for every fix that was recorded', () => {
    const granted = new Set([...rights, ...fixRights].map(inWords))
    const needed = new Set(steps.flatMap(needsOf))
    expect(needed.size).toBeGreaterThan(20)
    expect([...needed].filter(need => !granted.has(need))).toEqual([])
  })

  it('are no more than what was recorded takes, and what no recording has', () => {
    const needed = new Set(steps.flatMap(needsOf))
    expect(fixRights.map(inWords).filter(word => !needed.has(word))).toEqual([
      // An upgrade that switches the collection on or off.
      'create services',
      'delete services',
      // A Grafana that is a StatefulSet.
      'get statefulsets.apps',
      'patch statefulsets.apps',
      // Those who keep an object for Git are asked what becomes of a change.
      'get applications.argoproj.io',
      'get kustomizations.kustomize.toolkit.fluxcd.io',
      'get helmreleases.helm.toolkit.fluxcd.io',
    ])
  })

  it('stand in docs/permissions.md as they are, the verbs of a kind in a row', () => {
    const ofKinds = [...Map.groupBy(fixRights, ({ group, resource }) => `${resource}.${group}`).values()]
    const rows = ofKinds.flatMap(([first, ...others]) => (first ? [rowOf([first, ...others])] : []))
    expect(rowsBeneath('What the fixes may have to write')).toEqual(rows)
  })

  it('repeat none that reading takes, and none twice', () => {
    const words = fixRights.map(inWords)
    expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([])
    // A right in some namespaces is none elsewhere.
    const reading = new Set(rights.map(right => `${right.scope} ${inWords(right)}`))
    expect(fixRights.filter(right => reading.has(`${right.scope} ${inWords(right)}`))).toEqual([])
  })
})
