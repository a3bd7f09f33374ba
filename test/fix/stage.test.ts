import { describe, expect, it } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import type { Sightings } from '../../src/fix/sightings.ts'
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

const writes = expect.stringContaining('prometheus-operator to write') as string
const projects = expect.stringContaining('the kubelet to project') as string

describe('the stage of a change', () => {
  const down = failed('scrape/down')
  const absent = failed('metrics/absent')
  it.each<Row>([
    [
      'nothing loaded since the change',
      [pending('scrape/reload-pending'), failed('scrape/not-discovered'), notThere, absent],
      { step: 1, awaits: expect.stringContaining('projected into the pod'), isSighted: true },
    ],
    [
      'loaded, and without the job',
      [pending('scrape/config-not-written'), failed('scrape/not-discovered'), notThere, absent],
      { step: 1, awaits: expect.stringContaining('projected into the pod') },
    ],
    [
      'refused',
      [failed('scrape/reload-failing'), passed, passed, absent],
      { step: 3, awaits: expect.stringContaining('refuses') },
    ],
    ['loaded, and no target', [passed, pending('scrape/not-discovered'), notThere, absent], { step: 4 }],
    [
      'discovered, and not scraped',
      [passed, passed, pending('scrape/not-scraped-yet'), absent],
      { step: 5, awaits: 'the first scrape of the target' },
    ],
    ['scraped, and down', [passed, passed, down, absent], { step: 5, awaits: 'the target to come up' }],
    [
      'up, and no series',
      [passed, passed, passed, absent],
      { step: 6, of: 6, awaits: 'the series to be there', isSighted: false },
    ],
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
      { step: 1, of: 3, awaits: expect.stringContaining('sidecar'), isSighted: true },
    ],
    ['Grafana has the old one', [passed, pending('grafana/dashboard-outdated')], { step: 1 }],
    ['it is there', [passed, passed], undefined],
  ])('a dashboard: %s', (_what, results, stage) => {
    const told = stageOf('dashboard', outcomes(dashboard, results), isPassed)
    if (stage) expect(told).toMatchObject(stage)
    else expect(told).toBeUndefined()
  })

  const agent = { ...ref, kind: 'PrometheusAgent', name: 'edge' }
  it.each<readonly [what: string, config: Outcome, sightings: Sightings, stage: Partial<Stage>]>([
    ['the Secret is as before', pending('scrape/reload-pending'), { configured: [] }, { step: 1, awaits: writes }],
    [
      'another Prometheus has it',
      pending('scrape/reload-pending'),
      { configured: [agent] },
      { step: 1, awaits: writes },
    ],
    [
      'the Secret is written',
      pending('scrape/reload-pending'),
      { configured: [ref, agent] },
      { step: 2, awaits: projects },
    ],
    [
      'the Secret is written, and what was loaded since has no job',
      pending('scrape/config-not-written'),
      { configured: [ref] },
      { step: 2, awaits: expect.stringContaining('does not hold it yet') },
    ],
    ['the Secret is as before, and refused', failed('scrape/reload-failing'), { configured: [] }, { step: 3 }],
  ])('metrics: %s', (_what, config, sightings, stage) => {
    const told = outcomes(metrics, [config, failed('scrape/not-discovered'), notThere, absent])
    expect(stageOf('metrics', told, isPassed, sightings)).toMatchObject(stage)
  })

  it.each<readonly [what: string, results: readonly Outcome[], stage: Partial<Stage>]>([
    ['for Grafana to have it', [pending('grafana/dashboard-not-loaded'), notThere], { step: 2 }],
    ['for Grafana to have the new one', [passed, pending('grafana/dashboard-outdated')], { step: 3 }],
  ])('a dashboard whose file is written waits %s', (_what, results, stage) => {
    expect(stageOf('dashboard', outcomes(dashboard, results), isPassed, { fileWritten: true })).toMatchObject(stage)
  })

  it('is told by checks and codes that there are', () => {
    for (const step of Object.values(ways).flat()) {
      const found = step.checks.map(id => checks.find(check => check.id === id))
      expect(found.map(check => check?.id)).toEqual(step.checks)
      const told = ['by' in step ? Object.keys(step.by) : [], 'behindAt' in step ? step.behindAt : []].flat()
      expect(found.flatMap(check => Object.keys(check?.codes ?? {}))).toEqual(expect.arrayContaining(told))
    }
  })

  it('goes on past what was wrong besides', () => {
    const told = outcomes(metrics, [failed('scrape/reload-failing'), passed, down, absent])
    const isKnown = ({ id, result }: CheckOutcome) => id === 'scrape-config-loaded' || result.outcome === 'passed'
    expect(stageOf('metrics', told, isKnown)).toMatchObject({ step: 5 })
  })
})
