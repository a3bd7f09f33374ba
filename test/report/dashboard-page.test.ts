import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DashboardPage, dashboardPage } from '../../src/report/dashboard-page.ts'
import { measured } from '../../src/report/measured.ts'
import { panelChart } from '../../src/report/panel-chart.ts'
import type { PagePanel } from '../../src/report/panel-sections.ts'
import { browserHere, pageFaults, withPage } from '../browser.ts'

const noon = Date.UTC(2026, 10, 23, 12) / 1000
const window = { from: noon, to: noon + 300 }

const series = (name: string, ...values: readonly number[]) => ({
  name,
  points: values.map((value, index): readonly [number, number] => [noon + index * 60, value]),
})

const panel = (changed: Partial<PagePanel>): PagePanel => ({
  title: 'Reconciliation Rate',
  description: 'Reconciliations a second.',
  draws: 'lines',
  unit: 'ops',
  empty: 'Nothing was reconciled',
  expression: 'sum(rate(a[5m]))',
  answer: { series: [] },
  ...changed,
})

const pageOf = (...panels: readonly PagePanel[]): DashboardPage => ({
  title: 'Dynamo Operator',
  about: [['Prometheus', 'observability/kps']],
  window,
  sections: [{ title: 'Reconciliation Metrics', panels }],
})

const hostile = `<script>fetch('http://x')</script>"'&`

const whole = pageOf(
  panel({
    answer: { series: [series('DynamoGraphDeployment success', 0.1, 0.3, 0.2), series(hostile, 0, Number.NaN, 1)] },
  }),
  panel({
    title: 'Inventory',
    draws: 'stacked',
    unit: 'short',
    answer: { series: [series('a', 1, 2, 3), series('b', 4, 4)] },
  }),
  panel({ title: 'Counts', draws: 'number', unit: 'short', answer: { series: [series('a', 3)] } }),
  panel({ title: 'Success', draws: 'gauge', unit: 'percent', answer: { series: [series('a', 83.333)] } }),
  panel({ title: 'Denials', empty: 'No denials' }),
  panel({
    title: hostile,
    description: hostile,
    expression: hostile,
    answer: { failed: `Prometheus answers 422 ${hostile}` },
  }),
)

describe('dashboardPage', () => {
  const html = dashboardPage(whole)

  it('shows what each panel has: a chart with its numbers, numbers alone, nothing, or why not', () => {
    expect(html).toContain('<td>0.2/s</td><td>0.3/s</td>')
    expect(html).toContain('<dt>a</dt><dd>3</dd>')
    expect(html).toContain('value="83.333"')
    expect(html).toContain('<p class="empty">No denials</p>')
    expect(html).toContain('Prometheus answers 422')
    expect(html).not.toContain('NaN')
  })

  it('lets nothing that came from outside be markup', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const tagged = `<b>${text}</b><script>`
        const page = dashboardPage({
          ...pageOf(
            panel({ title: tagged, expression: tagged, answer: { series: [series(tagged, 1, 2)] } }),
            panel({ empty: tagged }),
            panel({ draws: 'gauge', answer: { series: [series(tagged, 1)] } }),
            panel({ answer: { failed: tagged } }),
          ),
          about: [[tagged, tagged]],
        })
        expect(page).not.toContain('<b>')
        expect(page).not.toContain('<script')
      }),
    )
  })
})

describe('panelChart', () => {
  const chart = (stacked: boolean, ...all: readonly ReturnType<typeof series>[]) =>
    panelChart({ title: 'x', window, unit: 'short', stacked, series: all })
  const pathsOf = (svg: string) => [...svg.matchAll(/class="line[^"]*" d="([^"]*)"/g)].map(([, path]) => path)

  it('begins at zero and breaks a line where there is no number', () => {
    expect(pathsOf(chart(false, series('a', 0, 10, Number.NaN, 5)))).toEqual(['M56,156L127.2,10M269.6,83Z'])
  })

  it('puts stacked series on top of each other', () => {
    expect(pathsOf(chart(true, series('a', 5, 5), series('b', 5, 5)))).toEqual(['M56,83L127.2,83', 'M56,10L127.2,10'])
  })

  it('draws any numbers within its picture', () => {
    const value = fc.oneof(fc.double({ min: 0, max: 1e15 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY))
    fc.assert(
      fc.property(
        fc.array(fc.array(value, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 20 }),
        fc.boolean(),
        (all, stacked) => {
          const svg = chart(stacked, ...all.map(values => series('a', ...values)))
          const numbers = pathsOf(svg).flatMap(path => (path ?? '').match(/-?[\d.]+(?:e[+-]?\d+)?/g) ?? [])
          expect(svg).not.toMatch(/NaN|Infinity|undefined/)
          expect(numbers.map(Number).filter(at => at < 0 || at > 420)).toEqual([])
        },
      ),
    )
  })
})

describe('measured', () => {
  it.each([
    [0.2, 'ops', '0.2/s'],
    [0.0478, 's', '47.8 ms'],
    [1.95, 's', '1.95 s'],
    [0, 's', '0 s'],
    [12, 'short', '12'],
    [83.3333, 'percent', '83.3 %'],
  ] as const)('%d %s is %s', (value, unit, words) => expect(measured(value, unit)).toBe(words))
})

describe.skipIf(browserHere === undefined)('the page in Chromium (skipped where none is installed)', () => {
  let folder: string
  let file: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'page-'))
    file = join(folder, 'page.html')
    writeFileSync(file, dashboardPage(whole))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
  ] as const)('is accessible, asks for nothing and runs nothing: %s, %i wide', async (colorScheme, width) => {
    await withPage(file, { colorScheme, width }, async opened => {
      expect(await opened.page.locator('svg').count()).toBe(2)
      expect(await pageFaults(opened)).toEqual([])
    })
  })

  it('shows each query where it is asked for', async () => {
    await withPage(file, {}, async ({ page }) => {
      const article = page.getByRole('article', { name: 'Reconciliation Rate' })
      const query = article.getByText('sum(rate(a[5m]))')
      expect(await query.isVisible()).toBe(false)
      await article.getByText('Query').click()
      expect(await query.isVisible()).toBe(true)
    })
  })
})
