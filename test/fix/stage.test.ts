import { describe, expect, it } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import { type Stage, stageOf, ways } from '../../src/fix/stage.ts'
import type { CheckOutcome, Outcome } from '../../src/model/check.ts'

const passed: Outcome = { outcome: 'passed', findings: [], notes: [] }
const unknown: Outcome = { outcome: 'unknown', findings: [], unknown: [{ missing: [], reason: 'what it has loaded' }] }
const notThere: Outcome = { outcome: 'skipped', why: 'notApplicable', reason: 'there is no ServiceMonitor' }
const ref = { apiVersion: 'monitoring.coreos.com/v1', kind: 'Prometheus', namespace: 'observability', name: 'kps' }
const finding = (code: string) => ({
  code,
  subject: ref,
  about: [],
  message: code,
  evidence: [{ ref, expected: 'a', actual: 'b' }] as const,
  because: 'somebody made it',
  fixes: [],
})
const failed = (code: string): Outcome => ({ outcome: 'failed', findings: [finding(code)], unknown: [] })
const pending = (code: string): Outcome => ({ outcome: 'pending', findings: [finding(code)] })

const metrics = ['scrape-config-loaded', 'scrape-discovered', 'scrape-target-up', 'metrics-families-present']
const dashboard = ['grafana-dashboard-loaded', 'grafana-dashboard-current']

const outcomes = (ids: readonly string[], results: readonly Outcome[]): readonly CheckOutcome[] =>
  ids.flatMap((id, index) => {
    const result = results[index]
    return result ? [{ id, area: 'scrape', title: id, result } satisfies CheckOutcome] : []
  })

const isPassed = ({ result }: CheckOutcome) => result.outcome === 'passed'

type Row = readonly [what: string, results: readonly Outcome[], stage: Partial<Stage> | undefined]

describe('the stage of a change', () => {
  const down = failed('scrape/down')
  const absent = failed('metrics/absent')
  it.each<Row>([
    [
      'nothing loaded since the change',
      [pending('scrape/reload-pending'), failed('scrape/not-discovered'), notThere, absent],
      { step: 1, awaits: expect.stringContaining('projected into the pod') },
    ],
    [
      'loaded, and without the job',
      [pending('scrape/config-not-written'), failed('scrape/not-discovered'), notThere, absent],
      { step: 1, awaits: expect.stringContaining('does not hold it yet') },
    ],
    [
      'refused',
      [failed('scrape/reload-failing'), passed, passed, absent],
      { step: 1, awaits: expect.stringContaining('refuses') },
    ],
    ['loaded, and no target', [passed, pending('scrape/not-discovered'), notThere, absent], { step: 2 }],
    [
      'discovered, and not scraped',
      [passed, passed, pending('scrape/not-scraped-yet'), absent],
      { step: 3, awaits: 'the first scrape of the target' },
    ],
    ['scraped, and down', [passed, passed, down, absent], { step: 3, awaits: 'the target to come up' }],
    ['up, and no series', [passed, passed, passed, absent], { step: 4, of: 4, awaits: 'the series to be there' }],
    ['all of it', [passed, passed, passed, passed], undefined],
    ['a step that has no answer', [unknown, passed, pending('scrape/not-scraped-yet'), absent], undefined],
    ['a step that is not there to be checked', [notThere, notThere, notThere, absent], undefined],
    ['a step that was not checked', [], undefined],
  ])('metrics: %s', (_what, results, stage) => {
    const told = stageOf('metrics', outcomes(metrics, results), isPassed)
    if (stage) expect(told).toMatchObject(stage)
    else expect(told).toBeUndefined()
  })

  it.each<Row>([
    [
      'Grafana does not have it',
      [pending('grafana/dashboard-not-loaded'), notThere],
      { step: 1, of: 2, awaits: expect.stringContaining('sidecar') },
    ],
    ['Grafana has the old one', [passed, pending('grafana/dashboard-outdated')], { step: 2 }],
    ['it is there', [passed, passed], undefined],
  ])('a dashboard: %s', (_what, results, stage) => {
    const told = stageOf('dashboard', outcomes(dashboard, results), isPassed)
    if (stage) expect(told).toMatchObject(stage)
    else expect(told).toBeUndefined()
  })

  it('is told by checks and codes that there are', () => {
    for (const step of Object.values(ways).flat()) {
      const check = checks.find(({ id }) => id === step.check)
      expect(check?.id).toBe(step.check)
      if ('by' in step) expect(Object.keys(check?.codes ?? {})).toEqual(expect.arrayContaining(Object.keys(step.by)))
    }
  })

  it('goes on past what was wrong besides', () => {
    const told = outcomes(metrics, [failed('scrape/reload-failing'), passed, down, absent])
    const isKnown = ({ id, result }: CheckOutcome) => id === 'scrape-config-loaded' || result.outcome === 'passed'
    expect(stageOf('metrics', told, isKnown)).toMatchObject({ step: 3 })
  })
})
