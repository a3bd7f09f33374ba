import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CheckOutcome } from '../../src/model/check.ts'
import type { Cause } from '../../src/model/diagnosis.ts'
import type { Examination } from '../../src/model/examination.ts'
import type { Severity } from '../../src/model/finding.ts'
import type { Report } from '../../src/model/report.ts'
import { renderGithub } from '../../src/report/github.ts'
import { renderJunit } from '../../src/report/junit.ts'
import { renderMarkdown } from '../../src/report/markdown.ts'
import { type FailOn, toReport } from '../../src/report/report.ts'
import {
  crashed,
  examination,
  failed,
  healthy,
  judged,
  labelMismatch,
  passed,
  pending,
  skipped,
  unknown,
  unreadable,
} from './examinations.ts'
import { elementsIn, schemaProblems, textOf, type XmlElement } from './xml.ts'

const reportOf = (of: Examination, failOn: FailOn = 'error', allowUnknown: readonly string[] = []): Report =>
  toReport(of, { failOn, allowUnknown, toolVersion: '9.8.7' })

const suppressedCheck: CheckOutcome = {
  ...passed('operator-collection-enabled'),
  result: { outcome: 'skipped', why: 'suppressed', reason: 'operator/collection-disabled is suppressed' },
}

const everything = examination(
  [
    passed('access-cluster-reachable'),
    unknown('stack-prometheus-ready'),
    suppressedCheck,
    failed('monitor-selected', 'monitor/label-mismatch'),
    failed('scrape-discovered', 'scrape/not-discovered'),
    pending('scrape-target-up', 'scrape/not-scraped-yet'),
    skipped('metrics-families-present'),
    failed('dashboard-labelled', 'dashboard/label-missing'),
    crashed('grafana-sidecar-present'),
  ],
  [
    ...labelMismatch.diagnosis.causes,
    { root: judged('dashboard/label-missing', 'warning'), explains: [] },
    { root: judged('scrape/not-scraped-yet', 'pending'), explains: [] },
  ],
)

/** Every kind of outcome and of cause at once. */
const mixed: Examination = {
  ...everything,
  diagnosis: {
    ...everything.diagnosis,
    suppressed: [
      {
        finding: judged('operator/collection-disabled', 'error'),
        by: { code: 'operator/collection-disabled', reason: 'the node agent scrapes it', until: '2026-12-31' },
        explains: [judged('service/missing', 'error')],
      },
    ],
  },
  notes: ['The suppression of dashboard/missing ended on 2026-11-01'],
}

const goldens = { healthy, 'label-mismatch': labelMismatch, unreadable, mixed }

const renderers = { 'junit.xml': renderJunit, md: renderMarkdown, 'github.txt': renderGithub }

describe.each(Object.entries(renderers))('%s', (extension, render) => {
  it.each(Object.entries(goldens))('of %s is golden', async (name, of) => {
    await expect(render(reportOf(of))).toMatchFileSnapshot(`golden/${name}.${extension}`)
  })
})

/** Names and messages as nobody should write them, and as a cluster may hold them. */
const nasty = fc
  .array(
    fc.constantFrom(
      'a',
      ' ',
      '|',
      '<b>',
      '&lt;',
      '`',
      '```',
      '\n',
      '\r',
      '::',
      '::error::',
      '%0A',
      ',',
      ':',
      '*',
      '[x](y)',
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map(parts => parts.join(''))
const wild = fc.oneof(
  nasty,
  fc.constantFrom(']]>', '\u0000\u001b[31m', '\ud800', '\uffff', '<!--', '--></details>', '@team', '\u202e'),
  fc.string({ unit: 'binary' }),
)

const severity = fc.constantFrom<Severity>('error', 'warning', 'info', 'pending')
const codes = ['monitor/label-mismatch', 'scrape/not-discovered', 'access/unreachable', 'grafana/elsewhere'] as const

const anyCause: fc.Arbitrary<Cause> = fc
  .record({ code: fc.constantFrom(...codes), severity, message: wild, expected: wild, actual: wild, because: wild })
  .map(({ code, severity: grave, message, expected, actual, because }) => ({
    root: judged(code, grave, {
      message,
      because,
      evidence: [{ ref: { apiVersion: 'v1', kind: 'Service', name: 'x' }, expected, actual }],
    }),
    explains: [judged('metrics/absent', 'error')],
  }))

const anyOutcome: fc.Arbitrary<CheckOutcome> = fc.constantFrom(
  passed('service-exists'),
  failed('monitor-selected', 'monitor/label-mismatch'),
  failed('scrape-discovered', 'scrape/not-discovered'),
  failed('metrics-families-present', 'metrics/absent'),
  failed('access-cluster-reachable', 'access/unreachable'),
  unknown('stack-prometheus-ready'),
  pending('scrape-target-up', 'scrape/not-scraped-yet'),
  skipped('dashboard-exists'),
  crashed('grafana-sidecar-present'),
)

const anyReport: fc.Arbitrary<Report> = fc
  .record({
    outcomes: fc.uniqueArray(anyOutcome, { selector: ({ id }) => id }),
    causes: fc.uniqueArray(anyCause, { selector: ({ root }) => root.code }),
    failOn: fc.constantFrom<FailOn>('error', 'warning', 'never'),
    allowUnknown: fc.constantFrom<readonly string[]>([], ['all']),
  })
  .map(({ outcomes, causes, failOn, allowUnknown }) => reportOf(examination(outcomes, causes), failOn, allowUnknown))

describe('whatever a report holds', () => {
  it('its JUnit XML is well-formed and valid, and has a failure or an error exactly where the exit code is not 0', () => {
    fc.assert(
      fc.property(anyReport, report => {
        const xml = renderJunit(report)
        expect(schemaProblems(xml)).toEqual([])
        const bad = elementsIn(xml).filter(({ name }) => name === 'failure' || name === 'error')
        expect(bad.length > 0).toBe(report.exitCode !== 0)
      }),
    )
  })

  it('its annotations are one line each, and an error exactly where the exit code is not 0', () => {
    fc.assert(
      fc.property(anyReport, report => {
        const lines = renderGithub(report).trimEnd().split('\n')
        expect(lines.at(-1)).toMatch(/^dynamo-metrics: \w+ \(/)
        expect(lines.slice(0, -1).every(line => /^::(error|warning|notice) title=[^:,\r]+::[^\r]*$/.test(line))).toBe(
          true,
        )
        expect(lines.some(line => line.startsWith('::error'))).toBe(report.exitCode !== 0)
      }),
    )
  })

  it('its Markdown has the rows and the headings that the report makes, and no others', () => {
    fc.assert(
      fc.property(anyReport, report => {
        const text = withoutFences(renderMarkdown(report))
        expect(text.match(/^### (❌|⚠️|ℹ️|⏳) /gm) ?? []).toHaveLength(report.causes.length)
        expect(text.match(/^#/gm)?.length).toBe(1 + report.causes.length + (/^### ❓ Left open$/m.test(text) ? 1 : 0))
        for (const row of text.split('\n').filter(line => line.startsWith('|')))
          expect([4, 5]).toContain(row.split(/(?<!\\)\|/).length - 1)
        expect(withoutSpans(text).match(/<(?!\/?(details|summary)>|!-- -->)/g)).toBeNull()
      }),
    )
  })
})

const withoutFences = (text: string): string => text.replaceAll(/^(`{3,})\w+\n[\s\S]*?\n\1$/gm, '')
const withoutSpans = (text: string): string => text.replaceAll(/(?<![\\`])(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, '')

describe('JUnit', () => {
  const caseOf = (of: Report, name: string): XmlElement | undefined =>
    elementsIn(renderJunit(of)).find(element => element.attributes.name?.startsWith(name))

  it('has a test case a check, and the evidence in the failure', () => {
    const xml = renderJunit(reportOf(labelMismatch))
    expect(elementsIn(xml).filter(({ name }) => name === 'testcase')).toHaveLength(
      labelMismatch.diagnosis.outcomes.length,
    )
    const [failure] = caseOf(reportOf(labelMismatch), 'monitor-selected')?.children ?? []
    expect(failure?.attributes.type).toBe('monitor/label-mismatch')
    expect(textOf(failure)).toContain('expected  release = kps\nfound     release = prometheus')
  })

  it.each([
    ['a consequence is skipped', 'scrape-discovered', 'skipped'],
    ['what is unknown is an error', 'stack-prometheus-ready', 'error'],
    ['a crash is an error', 'grafana-sidecar-present', 'error'],
    ['what is pending is an error', 'scrape-target-up', 'error'],
    ['a warning passes, and says so', 'dashboard-labelled', 'system-out'],
  ])('%s', (_name, id, child) => {
    expect(caseOf(reportOf(mixed), id)?.children[0]?.name).toBe(child)
  })

  it('stays well-formed where a message ends CDATA, as often as it likes', () => {
    const ends = judged('monitor/label-mismatch', 'error', { message: ']]>]]>', because: ']]> and ]]> and ]]>' })
    for (const failOn of ['error', 'never'] as const) {
      const outcomes = [failed('monitor-selected', 'monitor/label-mismatch')]
      const of = reportOf(examination(outcomes, [{ root: ends, explains: [] }]), failOn)
      expect(schemaProblems(renderJunit(of))).toEqual([])
    }
  })

  it('takes an allowed unknown for skipped', () => {
    expect(caseOf(reportOf(mixed, 'error', ['all']), 'stack-prometheus-ready')?.children[0]?.name).toBe('skipped')
  })
})

describe('annotations', () => {
  it('escape what would end them or their title', () => {
    const evil = judged('monitor/label-mismatch', 'error', { message: 'a%0Ab\r\n::error::c' })
    const [line] = renderGithub(reportOf(examination([], [{ root: evil, explains: [] }]))).split('\n')
    expect(line).toMatch(/^::error title=monitor\/label-mismatch::a%250Ab%0D%0A::error::c%0A/)
  })
})
