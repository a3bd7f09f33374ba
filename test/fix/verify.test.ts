import { describe, expect, it } from 'vitest'
import type { Sightings } from '../../src/fix/sightings.ts'
import { type OnItsWay, type Standing, standingOf, verify } from '../../src/fix/verify.ts'
import type { CheckOutcome, Outcome } from '../../src/model/check.ts'
import type { Judged } from '../../src/model/diagnosis.ts'
import type { Examination } from '../../src/model/examination.ts'
import type { Severity } from '../../src/model/finding.ts'
import type { Fix } from '../../src/model/fix.ts'
import { steppedClock } from './story.ts'

const subject = { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor', namespace: 'inference', name: 'dyn' }
const fix: Fix = { id: 'f', title: 'F', risk: 'safe', at: 'live', steps: [], lasts: '', verify: ['scrape-target-up'] }

const judged = (code: string, severity: Severity = 'error'): Judged => ({
  code,
  subject,
  about: [],
  message: `${code} it is`,
  evidence: [{ ref: subject, expected: 'a', actual: 'b' }],
  because: 'somebody made it',
  fixes: [fix],
  title: code,
  severity,
})

const passed: Outcome = { outcome: 'passed', findings: [], notes: [] }
const failed = (...findings: readonly Judged[]): Outcome => ({ outcome: 'failed', findings, unknown: [] })
const unknown: Outcome = { outcome: 'unknown', findings: [], unknown: [{ missing: [], reason: 'whether it is up' }] }

const outcomes = (target: Outcome, families: Outcome): readonly CheckOutcome[] => [
  { id: 'scrape-target-up', area: 'scrape', title: 'The target is up', result: target },
  { id: 'metrics-families-present', area: 'metrics', title: 'The metrics are there', result: families },
]

const examination = (causes: readonly Judged[], target: Outcome = passed, families: Outcome = passed): Examination => ({
  about: { context: 'lab-eu', operators: [], prometheuses: [], grafanas: [] },
  diagnosis: {
    causes: causes.map(root => ({ root, explains: [] })),
    outcomes: outcomes(target, families),
    counts: { passed: 0, failed: 0, unknown: 0, pending: 0, skipped: 0, crashed: 0 },
  },
  untold: [],
  requests: 0,
  seconds: 0,
})

const cause = judged('monitor/label-mismatch')
const other = judged('scrape/forbidden')

describe('standingOf', () => {
  it.each<[what: string, examination: Examination, others: readonly Judged[], standing: boolean | RegExp]>([
    ['gone, and the end is proved', examination([]), [], true],
    ['still there', examination([cause]), [], /still monitor\/label-mismatch/],
    ['there as a warning only', examination([judged('monitor/label-mismatch', 'warning')]), [], true],
    ['gone, and the target is down by a new fault', examination([other], failed(other)), [], /scrape\/forbidden it is/],
    ['gone, and the target is down by what was wrong besides', examination([other], failed(other)), [other], true],
    ['gone, and the end cannot be read: no proof', examination([], passed, unknown), [], /not known: whether it is up/],
    [
      'gone, and the target is not scraped yet',
      examination([], { outcome: 'pending', findings: [judged('scrape/not-scraped-yet', 'pending')] }),
      [],
      /not-scraped-yet/,
    ],
    ['gone, and the series are not there yet', examination([], passed, failed(judged('metrics/absent'))), [], /absent/],
  ])('%s', (_what, now, others, standing) => {
    const seen = standingOf({ cause, fix, others }, now)
    if (standing === true) expect(seen).toEqual({ proved: true })
    else expect(seen).toMatchObject({ proved: false, where: expect.stringMatching(standing as RegExp) })
  })

  it('gone, with the end hidden by what was wrong besides: that no more is proved is said', () => {
    const proved = standingOf({ cause, fix, others: [other] }, examination([other], failed(other), failed(other)))
    const where = 'scrape/forbidden at ServiceMonitor inference/dyn'
    expect(proved).toEqual({
      proved: true,
      reason: `The fault is gone. The end of its chain is not proved, for what was wrong besides still is: ${where}.`,
    })
  })

  it('metrics of before are no proof while the target waits for its first scrape, unless it waited already', () => {
    const waiting = judged('scrape/not-scraped-yet', 'pending')
    const now = examination([waiting], { outcome: 'pending', findings: [waiting] })
    const ofFamilies = { cause, fix: { ...fix, verify: [] } }
    expect(standingOf({ ...ofFamilies, others: [] }, now)).toMatchObject({ proved: false })
    expect(standingOf({ ...ofFamilies, others: [waiting] }, now)).toEqual({ proved: true })
  })

  it.each<[what: string, loaded: readonly CheckOutcome[], proved: boolean]>([
    ['loaded', [{ id: 'grafana-dashboard-loaded', area: 'grafana', title: 'Loaded', result: passed }], true],
    ['not known', [{ id: 'grafana-dashboard-loaded', area: 'grafana', title: 'Loaded', result: unknown }], false],
    ['not asked', [], false],
  ])('a dashboard is proved by Grafana, whatever Prometheus says: %s', (_what, loaded, proved) => {
    const now = examination([], failed(other), failed(other))
    const asked = { ...now, diagnosis: { ...now.diagnosis, outcomes: [...now.diagnosis.outcomes, ...loaded] } }
    const ofDashboard = judged('dashboard/label-missing')
    expect(standingOf({ cause: ofDashboard, fix: { ...fix, verify: [] }, others: [] }, asked).proved).toBe(proved)
  })
})

describe('verify', () => {
  const verifying = (readings: readonly Examination[], reverted?: string) => {
    const places: string[] = []
    let reading = 0
    const clock = steppedClock()
    return {
      places,
      clock,
      whole: {
        cause,
        fix,
        others: [],
        examine: async () => readings[Math.min(reading++, readings.length - 1)] ?? examination([]),
        revertedBy: async () => reverted,
        clock,
        timeoutMs: 5000,
        onProgress: ({ where, stage }: OnItsWay) =>
          places.push(stage ? `${stage.step} of ${stage.of}: ${where}` : where),
      },
    }
  }

  it('reads until it is proved, and says where it is meanwhile', async () => {
    const { whole, places } = verifying([examination([cause]), examination([other], failed(other)), examination([])])
    expect(await verify(whole)).toMatchObject({ state: 'fixed', seconds: 2 })
    expect(places).toEqual(['still monitor/label-mismatch', 'scrape/forbidden: scrape/forbidden it is'])
  })

  it('says which step it waits for, and looks twice as often once the target is known', async () => {
    const scraped: Outcome = { outcome: 'pending', findings: [judged('scrape/not-scraped-yet', 'pending')] }
    const loaded: Outcome = { outcome: 'pending', findings: [judged('scrape/reload-pending', 'pending')] }
    const onItsWay = (config: Outcome, target: Outcome): Examination => {
      const now = examination([], target, failed(judged('metrics/absent')))
      const steps = (['scrape-config-loaded', 'scrape-discovered'] as const).map(
        id => ({ id, area: 'scrape', title: id, result: config }) as const,
      )
      return { ...now, diagnosis: { ...now.diagnosis, outcomes: [...steps, ...now.diagnosis.outcomes] } }
    }
    const none: Outcome = { outcome: 'skipped', why: 'notApplicable', reason: 'there is no ServiceMonitor' }
    const readings = [onItsWay(none, none), onItsWay(loaded, unknown), onItsWay(passed, scraped)]
    const { whole, places } = verifying([...readings, onItsWay(passed, scraped), examination([])])
    expect(await verify(whole)).toMatchObject({ state: 'fixed', seconds: 3 })
    expect(places).toEqual([
      'metrics/absent: metrics/absent it is',
      '1 of 6: scrape/reload-pending: scrape/reload-pending it is',
      '5 of 6: scrape/not-scraped-yet: scrape/not-scraped-yet it is',
      '5 of 6: scrape/not-scraped-yet: scrape/not-scraped-yet it is',
    ])
  })

  it('looks along the way where the checks do not tell the step, and only there', async () => {
    const prometheus = { ...subject, kind: 'Prometheus', name: 'kps' }
    const loading = { ...judged('scrape/reload-pending', 'pending'), subject: prometheus }
    const waiting = judged('scrape/not-scraped-yet', 'pending')
    const reading = (config: Outcome, target: Outcome): Examination => {
      const now = examination([], target, failed(judged('metrics/absent')))
      const steps = (['scrape-config-loaded', 'scrape-discovered'] as const).map(
        id => ({ id, area: 'scrape', title: id, result: config }) as const,
      )
      return { ...now, diagnosis: { ...now.diagnosis, outcomes: [...steps, ...now.diagnosis.outcomes] } }
    }
    const loads = reading({ outcome: 'pending', findings: [loading] }, unknown)
    const scrapes = reading(passed, { outcome: 'pending', findings: [waiting] })
    const { whole } = verifying([loads, loads, scrapes, examination([])])
    const looks: Sightings[] = [{ configured: [] }, { configured: [prometheus] }]
    const steps: (number | undefined)[] = []
    const sight = async (): Promise<Sightings> => looks.shift() ?? expect.fail('looked once more')
    await verify({ ...whole, sight, onProgress: ({ stage }) => steps.push(stage?.step) })
    expect(steps).toEqual([1, 2, 5])
  })

  it('believes what a command asks for itself in place of the checks, and says why', async () => {
    const { whole, places } = verifying([examination([other], failed(other))])
    const answers: Standing[] = [
      { proved: false, where: 'the target is still there' },
      { proved: true, reason: 'The target is gone.' },
    ]
    const prove = async (): Promise<Standing> => answers.shift() ?? { proved: true }
    expect(await verify({ ...whole, prove })).toMatchObject({
      state: 'fixed',
      reason: 'The target is gone.',
      seconds: 1,
    })
    expect(places).toEqual(['the target is still there'])
  })

  it('gives up in time, with what stands in the way', async () => {
    const { whole, clock } = verifying([examination([other], failed(other))])
    expect(await verify(whole)).toMatchObject({
      state: 'not fixed',
      reason: 'scrape/forbidden: scrape/forbidden it is',
    })
    expect(clock.slept()).toBe(5000)
  })

  it('does not wait for the end of the time where another fault stays', async () => {
    const { whole, clock } = verifying([examination([cause]), examination([other], failed(other))])
    expect(await verify({ ...whole, timeoutMs: 600_000 })).toMatchObject({
      state: 'not fixed',
      reason: 'scrape/forbidden: scrape/forbidden it is',
    })
    expect(clock.slept()).toBe(61_000)
  })

  it('waits on where another fault comes and goes, or something is still on its way', async () => {
    const third = judged('scrape/timeout')
    const turns = Array.from({ length: 100 }, (_, index) => {
      const now = index % 50 < 45 ? other : third
      return examination([now], failed(now))
    })
    const pending: Outcome = { outcome: 'pending', findings: [judged('scrape/not-scraped-yet', 'pending')] }
    const onItsWay = Array.from({ length: 100 }, () => examination([other], failed(other), pending))
    for (const readings of [turns, onItsWay]) {
      const { whole } = verifying([...readings, examination([])])
      expect(await verify({ ...whole, timeoutMs: 600_000 })).toMatchObject({ state: 'fixed', seconds: 100 })
    }
  })

  it('says who took it back', async () => {
    const { whole } = verifying([examination([cause])], 'ServiceMonitor inference/dyn was changed back by flux.')
    expect(await verify(whole)).toMatchObject({ state: 'reverted', reason: expect.stringContaining('flux') })
  })

  it('does not take a proof for one where the change is gone', async () => {
    const { whole } = verifying([examination([])], 'It was changed back.')
    expect(await verify(whole)).toMatchObject({ state: 'reverted' })
  })

  describe('of what others keep', () => {
    const secondLook = { afterMs: 60_000, stands: 'Its next sync may do so.', tooEarly: 'It has not come round yet.' }
    const timeoutMs = 180_000

    it('looks again once they have come round, counted from the write', async () => {
      const { whole, clock } = verifying([examination([cause]), examination([cause]), examination([])])
      expect(await verify({ ...whole, timeoutMs, secondLook })).toMatchObject({
        state: 'fixed',
        reason: 'The fault is gone, and the end of its chain is proved. Its next sync may do so.',
        seconds: 2,
      })
      expect(clock.slept()).toBe(60_000)
    })

    it('says that the time was up before', async () => {
      const { whole, clock } = verifying([examination([])])
      const late = { ...secondLook, afterMs: 600_000 }
      expect(await verify({ ...whole, timeoutMs, secondLook: late })).toMatchObject({
        state: 'fixed',
        reason: expect.stringMatching(/proved\. It has not come round yet\.$/),
      })
      expect(clock.slept()).toBe(timeoutMs)
    })

    it('finds the fault again', async () => {
      const { whole } = verifying([examination([]), examination([cause])])
      expect(await verify({ ...whole, timeoutMs, secondLook })).toMatchObject({
        state: 'not fixed',
        reason: expect.stringContaining('came back'),
        seconds: 60,
      })
    })

    it.each([
      ['after the proof', [examination([])], 5000],
      ['before there is any', [examination([cause])], 4000],
    ])('waits no longer than until it is taken back, %s', async (_when, readings, slept) => {
      const { whole, clock } = verifying(readings)
      const revertedBy = async () => (clock.slept() >= 4000 ? 'It was reverted by flux.' : undefined)
      expect(await verify({ ...whole, timeoutMs, secondLook, revertedBy })).toMatchObject({
        state: 'reverted',
        reason: 'It was reverted by flux.',
        seconds: slept / 1000,
      })
      expect(clock.slept()).toBe(slept)
    })
  })
})
