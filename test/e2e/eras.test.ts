import { isDeepStrictEqual } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { DashboardEra } from '../../src/dynamo/dashboard-eras.ts'
import type { Report } from '../../src/model/report.ts'
import { breakLab, heal, kubeconfigs, reshape, up, waitFor } from '../lab/api.ts'
import { trackedByArgoCd } from '../lab/gitops.ts'
import { renderDynamo } from '../lab/installs.ts'
import type { Era } from '../lab/layout.ts'
import { examineSettled, seriousOf } from './doctor.ts'
import { countsOf, expectedPanels, inventoryOf, reconciledTypes, validatedTypes } from './expected-panels.ts'
import { shown } from './shown.ts'

interface Row {
  readonly era: Era
  /** As the doctor calls it. */
  readonly called: DashboardEra
  readonly faults: readonly string[]
  /** Codes below an error that are true of every installation of this era. */
  readonly true?: readonly string[]
}

/** Faults that the era makes, or that show otherwise in it than in the others. */
const rows: readonly Row[] = [
  {
    era: '0.9',
    called: '0.9',
    faults: ['monitor/label-mismatch', 'monitor/port-mismatch', 'operator/image-unavailable'],
    true: ['scrape/open-metrics-endpoint'],
  },
  { era: '1.5', called: '1.5', faults: ['monitor/label-mismatch', 'scrape/forbidden', 'monitor/missing'] },
  {
    era: '1.6',
    called: '1.6',
    faults: ['metrics/absent', 'metrics/renamed', 'scrape/unauthorized', 'operator/collection-disabled'],
  },
  { era: '1.4', called: '1.0', faults: ['monitor/rendered-without-crds', 'service/missing', 'scrape/unauthorized'] },
]

describe.each(rows)('era $era', ({ era, called, faults, true: always = [] }) => {
  beforeAll(() => up(era))
  afterAll(heal)

  it('healthy, it passes', async () => {
    const report = await examineSettled(kubeconfigs.admin)
    expect(report.about.operators.map(operator => operator.era)).toEqual([called])
    expect(seriousOf(report).filter(code => !always.includes(code))).toEqual([])
    expect([report.verdict, report.exitCode, report.counts.unknown]).toEqual(['healthy', 0, 0])
  })

  it('every panel of its dashboard shows every documented resource type', async () => {
    const wanted = Object.fromEntries(Object.keys(expectedPanels(called)).map(title => [title, typesOf(title, called)]))
    // What the era before has counted is there until Prometheus lets go of its pod.
    const all = async () => {
      const now = await shown(called)
      return isDeepStrictEqual(typesIn(now), wanted) && isDeepStrictEqual(now[inventory], inventoryOf(called))
    }
    await waitFor(all, { what: 'two scrapes and the first failures', seconds: 30 }).catch(() => undefined)
    const now = await shown(called)
    expect(typesIn(now)).toEqual(wanted)
    expect(now[inventory]).toEqual(inventoryOf(called))
    expect(now['Resource Count by State']).toEqual(countsOf(called))
  })

  it.each(faults)('%s is named', async code => {
    await heal()
    await breakLab(code)
    const serious = seriousOf(await examineSettled(kubeconfigs.admin))
    expect(serious.filter(one => !always.includes(one))).toEqual([code])
  })
})

describe('other shapes of a healthy lab', () => {
  beforeAll(() => up('1.4'))
  afterEach(heal)

  it('two operators are examined, each with its own Service and ServiceMonitor', async () => {
    await reshape('second-operator')
    const report = await examineSettled(kubeconfigs.admin)
    expect(report.about.operators.map(({ ref }) => ref.namespace).sort()).toEqual(['inference', 'training'])
    expect(seriousOf(report)).toEqual([])
    await breakLab('monitor/missing')
    const broken = await examineSettled(kubeconfigs.admin)
    expect(seriousOf(broken)).toEqual(['monitor/missing'])
    expect(broken.causes.find(({ code }) => code === 'monitor/missing')?.subject.namespace).toBe('inference')
  })

  it('whether Argo CD switched the metrics off cannot be known, and is not called a fault', async () => {
    await renderDynamo(trackedByArgoCd, '--set', 'dynamo-operator.metricsService.enabled=false')
    const report = await examineSettled(kubeconfigs.admin)
    expect(errorsOf(report)).toEqual([])
    expect([report.verdict, report.exitCode]).toEqual(['incomplete', 3])
    const { reason } = report.checks.find(({ id }) => id === 'operator-collection-enabled') ?? {}
    expect(reason).toContain('Argo CD application serving')
  })

  it.each([
    ['an operator restricted to its namespace', 'restricted-operator'],
    ['an operator that Argo CD rendered (imitated: Argo CD)', 'argo-cd'],
    ['an operator that Flux applied (imitated: Flux)', 'flux'],
  ])('%s passes', async (_, variant) => {
    await reshape(variant)
    const report = await examineSettled(kubeconfigs.admin)
    expect(seriousOf(report)).toEqual([])
    expect([report.verdict, report.exitCode, report.counts.unknown]).toEqual(['healthy', 0, 0])
  })
})

const inventory = 'Resource Inventory by State'

/** The resource types of the series in each panel. */
const typesIn = (panels: Awaited<ReturnType<typeof shown>>): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    Object.entries(panels).map(([title, series]) => [
      title,
      [...new Set(Object.keys(series).map(name => name.split(' ')[0] ?? ''))].sort(),
    ]),
  )

/** Webhook panels show what has a webhook, and only graphs are denied. */
const typesOf = (title: string, era: DashboardEra): readonly string[] => {
  if (title === 'Webhook Denials') return ['DynamoGraphDeployment']
  return [...(title.startsWith('Webhook') ? validatedTypes(era) : reconciledTypes)].sort()
}

const errorsOf = ({ causes }: Report): readonly string[] =>
  causes.filter(({ severity }) => severity === 'error').map(({ code }) => code)
