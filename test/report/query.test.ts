import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import stringWidth from 'fast-string-width'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderQueryHtml, renderQuerySvg } from '../../src/report/query-charts.ts'
import { renderQueryCsv, renderQueryJson } from '../../src/report/query-data.ts'
import type { QueryResult } from '../../src/report/query-result.ts'
import { renderQueryText } from '../../src/report/query-text.ts'
import { sparkline } from '../../src/report/sparkline.ts'
import { browserHere, pageFaults, withPage } from '../browser.ts'
import { elementsIn } from './xml.ts'

const result: QueryResult = {
  name: 'webhook-p95',
  title: 'Webhook Duration (P95)',
  expression: 'histogram_quantile(\n  0.95,\n  x\n)',
  unit: 's',
  legend: ['resource_type', 'operation'],
  era: '1.6 and later',
  context: 'lab-eu',
  prometheus: { name: 'observability/kps', asked: ['prometheus-kps-0'] },
  type: 'vector',
  series: [
    { labels: { resource_type: 'DynamoModel', operation: 'CREATE' }, points: [[1_700_000_000, 0.0123]] },
    { labels: { resource_type: 'DynamoModel' }, points: [[1_700_000_000, Number.NaN]] },
  ],
  notes: [],
}
const window = { from: 1_700_000_000, to: 1_700_000_060, step: 30 }
const over: QueryResult & { window: typeof window } = {
  ...result,
  window,
  type: 'matrix',
  series: [
    {
      labels: { resource_type: 'DynamoModel', operation: 'CREATE' },
      points: [
        [1_700_000_000, 0],
        [1_700_000_030, 2],
        [1_700_000_060, 1],
      ],
    },
  ],
}
const hostile = {
  labels: { resource_type: '\u001b[2J<script>x</script>', operation: 'a\nb' },
  points: [[1, 2]] as const,
}
const line = (index: number) => ({
  labels: { resource_type: `Kind${index}` },
  points: [
    [1_700_000_000, index],
    [1_700_000_060, index + 1],
  ] as const,
})
const text = (one: QueryResult, width = 100, unicode = true) =>
  renderQueryText(one, { width, colour: 0, unicode, verbose: false })

describe('text', () => {
  it('says beside its expression what the documentation asks', () => {
    const documented = {
      expression: 'sum by (x) (y)',
      differs: ['only the operator’s own job', 'no NaN'],
      source: 'page',
    }
    expect(text({ ...result, documented })).toContain(
      '  The documentation asks:\n  sum by (x) (y)\n  Ours differs: only the operator’s own job; no NaN.\n',
    )
    expect(JSON.parse(renderQueryJson({ ...result, documented })).documented).toEqual(documented)
    expect(text(result)).not.toContain('documentation')
  })

  it('is a table with units', () => {
    expect(text(result)).toMatch(/^DynamoModel {4}CREATE {5}12\.3 ms$/m)
    expect(text(result)).toMatch(/^DynamoModel +NaN$/m)
    expect(text(result)).toContain('Prometheus observability/kps (prometheus-kps-0)')
  })

  it('is sparklines with min, max and last', () => {
    expect(text(over)).toMatch(/^DynamoModel CREATE {2}▁█▅ {2} *0 s {2} *2 s {2} *1 s$/m)
    expect(text(over, 100, false)).toMatch(/_#=/)
  })

  it.each([40, 60])('fits %i columns', width => {
    const lines = [...text(over, width).split('\n'), ...text(result, width).split('\n')]
    expect(lines.filter(line => !line.startsWith('  ') && stringWidth(line) > width)).toEqual([])
  })

  it('lets no control characters through, and keeps a row a line', () => {
    const said = text({ ...result, series: [hostile] })
    expect(said).not.toContain('\u001b')
    expect(said).toContain('a b')
  })

  it('says what was cut, and why there is nothing', () => {
    expect(text({ ...result, cut: { of: 100_000, atLeast: false } })).toContain('The first 2 of 100000 series')
    expect(text({ ...result, cut: { of: 3, atLeast: true } })).toContain('The first 2 of more series')
    expect(text({ ...result, series: [], empty: { why: 'quiet', lines: ['No denials.'] } })).toContain('No denials.')
  })

  it('keeps every figure of what has no unit', () => {
    const of = (value: number) =>
      text({ ...result, unit: 'short' as const, series: [{ labels: {}, points: [[1, value]] as const }] })
    expect(of(1_234_567)).toContain('1234567')
    expect(of(1_764_000_000.25)).toContain('1764000000.25')
    expect(of(0.123_456_7)).toContain('0.123457')
  })
})

describe('data', () => {
  it('CSV quotes what it must', () => {
    expect(renderQueryCsv({ ...result, series: [{ labels: { resource_type: 'a,"b"' }, points: [[1, 2]] }] })).toBe(
      'resource_type,operation,time,value\n"a,""b""",,1970-01-01T00:00:01.000Z,2\n',
    )
  })

  it('JSON has what it has, values as texts', () => {
    const { series, window: shown } = JSON.parse(renderQueryJson({ ...over, series: result.series }))
    expect(series[1].points).toEqual([[1_700_000_000, 'NaN']])
    expect(shown).toEqual({ from: '2023-11-14T22:13:20.000Z', to: '2023-11-14T22:14:20.000Z', stepSeconds: 30 })
  })
})

describe('charts', () => {
  it.each([
    ['SVG', renderQuerySvg],
    ['HTML', renderQueryHtml],
  ])('%s escapes what comes from outside', (_, render) => {
    const said = render({ ...over, series: [hostile, ...over.series] })
    expect(said).not.toContain('<script')
    expect(said).toContain('&lt;script&gt;')
    expect(said).toContain('DynamoModel CREATE')
  })
})

describe('sparkline', () => {
  it.each<[string, readonly (readonly [number, number])[], string]>([
    [
      'rises',
      [
        [0, 0],
        [1, 1],
        [2, 2],
        [3, 3],
      ],
      'abcd',
    ],
    [
      'has gaps',
      [
        [0, 3],
        [3, 3],
      ],
      'd  d',
    ],
    ['is nothing', [], '    '],
    [
      'is zero',
      [
        [0, 0],
        [1, 0],
        [2, 0],
        [3, 0],
      ],
      'aaaa',
    ],
    [
      'skips what is no number',
      [
        [0, Number.NaN],
        [1, Number.POSITIVE_INFINITY],
        [2, 1],
        [3, 1],
      ],
      '  dd',
    ],
  ])('%s', (_, points, line) => expect(sparkline(points, { from: 0, to: 3 }, 4, [...'abcd'])).toBe(line))
})

it('a picture is XML, whatever a series is called', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), name => {
      const svg = renderQuerySvg({
        ...over,
        title: name,
        series: [{ labels: { resource_type: name }, points: [[1, 2]] }],
      })
      expect(elementsIn(svg)[0]?.name).toBe('svg')
    }),
  )
})

describe.skipIf(browserHere === undefined)('the charts in Chromium (skipped where none is installed)', () => {
  const crowded = {
    ...over,
    series: [...over.series, hostile, ...Array.from({ length: 20 }, (_, index) => line(index))],
  }
  const bare = { ...over, series: [], empty: { why: 'idle' as const, lines: ['Nothing happened yet'] } }
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'query-charts-'))
    writeFileSync(join(folder, 'crowded.html'), renderQueryHtml(crowded))
    writeFileSync(join(folder, 'bare.html'), renderQueryHtml(bare))
    writeFileSync(join(folder, 'crowded.svg'), renderQuerySvg(crowded))
    writeFileSync(join(folder, 'bare.svg'), renderQuerySvg(bare))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each([
    ['crowded', 'light', 1280],
    ['crowded', 'dark', 360],
    ['bare', 'dark', 1280],
    ['bare', 'light', 360],
  ] as const)(
    'the page is accessible, asks for nothing and runs nothing: %s, %s, %i wide',
    async (name, colorScheme, width) => {
      await withPage(join(folder, `${name}.html`), { colorScheme, width }, async opened =>
        expect(await pageFaults(opened)).toEqual([]),
      )
    },
  )

  it.each(['crowded', 'bare'])('the picture is drawn whole: %s', async name => {
    await withPage(join(folder, `${name}.svg`), {}, async ({ page, asked, complaints }) => {
      expect(await page.evaluate('document.documentElement.tagName')).toBe('svg')
      expect(
        await page.evaluate(`[...document.querySelectorAll('text')].every(text => {
        const { x, y, width, height } = text.getBBox()
        const box = document.documentElement.viewBox.baseVal
        return x >= 0 && y >= 0 && y + height <= box.height
      })`),
      ).toBe(true)
      expect([asked, complaints]).toEqual([[], []])
    })
  })
})
