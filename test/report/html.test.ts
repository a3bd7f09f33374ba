import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Examination } from '../../src/model/examination.ts'
import type { Report } from '../../src/model/report.ts'
import { type Charts, renderHtml } from '../../src/report/html.ts'
import { toReport } from '../../src/report/report.ts'
import { browserHere, pageFaults, withPage } from '../browser.ts'
import { crashed, examination, healthy, judged, labelMismatch, passed, pending, unknown } from './examinations.ts'

const reportOf = (of: Examination): Report => toReport(of, { failOn: 'error', allowUnknown: [], toolVersion: '9.8.7' })

const noCharts: Charts = { none: 'nothing to draw' }
const page = (report: Report, charts: Charts = noCharts) => renderHtml(report, { at: '2026-11-23T03:04:05Z', charts })

const noon = Date.UTC(2026, 10, 23, 12) / 1000
const charts: Charts = {
  window: { from: noon, to: noon + 300 },
  sections: [
    {
      title: 'Reconciliation Metrics',
      panels: [
        {
          title: 'Reconciliation Rate',
          description: 'Reconciliations a second.',
          draws: 'lines',
          unit: 'ops',
          empty: 'Nothing was reconciled',
          expression: 'sum(rate(a[5m]))',
          answer: {
            series: [
              {
                name: 'DynamoGraphDeployment',
                points: [
                  [noon, 1],
                  [noon + 60, 2],
                ],
              },
            ],
          },
        },
      ],
    },
  ],
}

const hostile = `<script>fetch('http://x')</script><img src=x onerror="alert(1)">"'&`

/** A report in which everything that a cluster or a user may name is named so. */
const hostileReport = (name: string): Report => {
  const tell = { do: 'tell', text: name, commands: [name] } as const
  const subject = { apiVersion: 'v1', kind: name, namespace: name, name }
  const cause = judged('monitor/label-mismatch', 'error', {
    subject,
    message: name,
    because: name,
    evidence: [{ ref: subject, path: name, expected: name, actual: name }],
    fixes: [
      { id: 'one', title: name, risk: 'manual', at: 'source', lasts: name, steps: [tell], verify: [] },
      { id: 'two', title: name, risk: 'safe', at: 'live', lasts: name, steps: [tell], verify: [] },
    ],
  })
  const report = reportOf(examination([passed('access-x'), unknown('stack-x'), crashed('grafana-x')]))
  const suppressed = { ...cause, reason: name, until: name, annotated: subject, explains: [] }
  return {
    ...report,
    about: {
      context: name,
      operators: [{ ref: subject, version: name, era: name }],
      prometheuses: [subject],
      grafanas: [subject],
    },
    causes: reportOf(examination([], [{ root: cause, explains: [cause] }])).causes,
    checks: report.checks.map(check => ({ ...check, title: name, reason: name })),
    suppressed: [suppressed],
    notes: [name],
  }
}

describe('renderHtml', () => {
  it('says what is wrong, how one knows, why, what follows, and what to do', () => {
    const html = page(reportOf(labelMismatch))
    const words = html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')
    expect(words).toContain('✖ Faulty No Prometheus selects ServiceMonitor inference/dyn-dynamo-operator-operator')
    expect(words).toContain(
      'Prometheus observability/kps, spec.serviceMonitorSelector.matchLabels.release release = kps release = prometheus',
    )
    expect(words).toContain('Because the Dynamo chart up to 1.4 sets release: prometheus')
    expect(words).toContain('Explains scrape/not-discovered')
    expect(words).toContain(
      'Fix: Put a ServiceMonitor of your own, with the label, beside the chart’s (safe, in the cluster)',
    )
    expect(html).toMatch(/<pre class="command" tabindex="0">kubectl apply --server-side/)
    expect(words).toContain('Written 2026-11-23 03:04:05 UTC')
  })

  it('draws the chain with its broken link and what lies behind it', () => {
    const links = [...page(reportOf(labelMismatch)).matchAll(/<li class="(\w+)">.*?class="link">(\w+)</g)]
    expect(Object.fromEntries(links.map(([, state, area]) => [area, state]))).toEqual({
      access: 'passed',
      stack: 'passed',
      operator: 'passed',
      service: 'passed',
      monitor: 'broken',
      scrape: 'behind',
      metrics: 'behind',
      dashboard: 'passed',
      grafana: 'passed',
    })
  })

  it.each<[string, Examination, string]>([
    ['healthy', healthy, '✔</span> <strong>Healthy</strong> Prometheus has the metrics'],
    ['incomplete', examination([unknown('stack-prometheus-ready')]), '<strong>Incomplete</strong> What is unknown'],
    [
      'pending',
      examination([pending('scrape-reachable', 'scrape/not-scraped-yet')]),
      '<strong>Not settled yet</strong> Run it again',
    ],
  ])('tells that the run is %s', (_, of, words) => expect(page(reportOf(of))).toContain(words))

  it('tells what was not examined and which right would open it', () => {
    const html = page(reportOf(examination([unknown('stack-prometheus-ready'), crashed('grafana-x')])))
    expect(html).toContain('the right to list pods in namespace observability')
    expect(html).toContain('<code>stack-prometheus-ready</code>')
    expect(html).toContain('The check <code>grafana-x</code> crashed')
  })

  it('shows the queries where there are any, and says why where there are none', () => {
    expect(page(reportOf(healthy), charts)).toContain('<td>2/s</td>')
    expect(page(reportOf(healthy))).toContain('nothing to draw')
  })

  it('lets nothing that came from a cluster be markup', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        const html = page(hostileReport(`<b>${text}</b><script>`))
        expect(html).not.toContain('<b>')
        expect(html).not.toContain('<script')
      }),
    )
  })
})

describe.skipIf(browserHere === undefined)('the page in Chromium (skipped where none is installed)', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'report-page-'))
    writeFileSync(join(folder, 'hostile.html'), page(hostileReport(hostile), charts))
    writeFileSync(join(folder, 'broken.html'), page(reportOf(labelMismatch), charts))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each([
    ['broken', 'light', 1280],
    ['broken', 'dark', 1280],
    ['broken', 'light', 360],
    ['hostile', 'dark', 360],
  ] as const)('is accessible, asks for nothing and runs nothing: %s, %s, %i wide', async (name, colorScheme, width) => {
    await withPage(join(folder, `${name}.html`), { colorScheme, width }, async opened => {
      expect(await opened.page.locator('svg').count()).toBe(1)
      expect(await pageFaults(opened)).toEqual([])
    })
  })

  it('selects a whole command with one click', async () => {
    await withPage(join(folder, 'broken.html'), {}, async ({ page: shown }) => {
      const command = shown.locator('pre.command').first()
      await command.click()
      expect(await shown.evaluate('getSelection().toString().trim()')).toBe((await command.textContent())?.trim())
    })
  })

  it('shows every fix on paper, those that are folded on the screen too', async () => {
    await withPage(join(folder, 'hostile.html'), {}, async ({ page: shown }) => {
      const folded = shown.locator('details.fix p').first()
      expect(await folded.isVisible()).toBe(false)
      await shown.emulateMedia({ media: 'print' })
      expect(await folded.isVisible()).toBe(true)
    })
  })
})
