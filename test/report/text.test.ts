import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import type { CheckOutcome } from '../../src/model/check.ts'
import type { Examination } from '../../src/model/examination.ts'
import { toReport } from '../../src/report/report.ts'
import { renderText, type TextStyle } from '../../src/report/text.ts'
import {
  examination,
  failed,
  healthy,
  judged,
  labelMismatch,
  monitorRef,
  passed,
  skipped,
  unknown,
  unreadable,
} from './examinations.ts'

const plain: TextStyle = { width: 100, colour: 0, unicode: true, verbose: false }

const unreachable = examination(
  [
    failed('access-cluster-reachable', 'access/unreachable'),
    unknown('stack-prometheus-ready'),
    unknown('operator-running'),
  ],
  [{ root: judged('access/unreachable', 'error', { message: 'The API server does not answer' }), explains: [] }],
)

const warned = examination(
  [...healthy.diagnosis.outcomes.slice(0, 5), failed('monitor-duplicated', 'monitor/duplicated')],
  [{ root: judged('monitor/duplicated', 'warning'), explains: [] }],
)

const suppressed: Examination = {
  ...healthy,
  diagnosis: {
    ...healthy.diagnosis,
    suppressed: [
      {
        finding: judged('operator/collection-disabled', 'error'),
        by: {
          code: 'operator/collection-disabled',
          reason: 'the node agent scrapes it',
          until: '2026-12-31',
          annotated: monitorRef,
        },
        explains: [judged('service/missing', 'error')],
      },
    ],
    outcomes: [
      ...healthy.diagnosis.outcomes,
      {
        ...passed('operator-collection-enabled'),
        result: { outcome: 'skipped', why: 'suppressed', reason: 'operator/collection-disabled is suppressed' },
      },
    ],
  },
}

const text = (of: Examination, style: Partial<TextStyle> = {}): string =>
  renderText(toReport(of, { failOn: 'error', allowUnknown: [], toolVersion: '9.8.7' }), { ...plain, ...style })

const goldens: readonly (readonly [string, Examination, Partial<TextStyle>])[] = [
  ['label-mismatch', labelMismatch, {}],
  ['label-mismatch-60-columns', labelMismatch, { width: 60 }],
  ['label-mismatch-40-columns', labelMismatch, { width: 40 }],
  ['label-mismatch-ascii', labelMismatch, { unicode: false }],
  ['label-mismatch-verbose', labelMismatch, { verbose: true }],
  ['label-mismatch-colour', labelMismatch, { colour: 1, width: 120 }],
  ['healthy', healthy, {}],
  ['unreadable', unreadable, {}],
  ['unreachable', unreachable, {}],
  ['warned', warned, {}],
  ['suppressed', suppressed, {}],
]

/** Those of the two ends that passed, each beside a check that does whatever is behind it. */
const ends = (...passing: readonly string[]): readonly CheckOutcome[] => [
  ...passing.map(passed),
  passed('metrics-names-current'),
  passed('grafana-sidecar-present'),
]

describe('renderText', () => {
  it.each(goldens)('%s', async (name, of, style) => {
    await expect(text(of, style)).toMatchFileSnapshot(`golden/${name}.txt`)
  })

  it.each([60, 80, 100, 120, 300])('fills no more than %i columns, but for commands', width => {
    for (const of of [labelMismatch, healthy, unreadable, unreachable, warned]) {
      const prose = text(of, { width, verbose: true }).replaceAll(/^kubectl apply.*?^EOF$/gms, '')
      const long = prose
        .split('\n')
        .filter(line => stringWidth(line) > width && line.trim().includes(' ') && !line.includes('--'))
      expect(long).toEqual([])
    }
  })

  it.each<[what: string, outcomes: readonly CheckOutcome[], metrics: string, word: RegExp]>([
    [
      'both ends were seen',
      ends('metrics-families-present', 'grafana-dashboard-loaded'),
      '✔',
      /^✔ Healthy: Prometheus has/m,
    ],
    [
      'no store was seen',
      [...ends('grafana-dashboard-loaded'), skipped('metrics-families-present')],
      '·',
      /could be examined/,
    ],
    ['nobody looked into a store', ends('grafana-dashboard-loaded'), '✔', /^✔ Nothing wrong was found\.$/m],
    [
      'no Grafana was seen',
      [...ends('metrics-families-present'), skipped('grafana-dashboard-loaded')],
      '✔',
      /Nothing wrong/,
    ],
  ])('says no more than was seen: %s', (_, outcomes, mark, word) => {
    const lines = text(examination(outcomes)).split('\n')
    const names = lines.findIndex(line => /^ +metrics/.test(line))
    expect(lines[names + 1]?.trim()[0]).toBe(mark)
    expect(lines.join('\n')).toMatch(word)
  })

  it('leaves no blank at the end of a line', () => {
    const all = goldens.map(([, of, style]) => text(of, { ...style, colour: 0 })).join('\n')
    expect(all.split('\n').filter(line => line !== line.trimEnd())).toEqual([])
  })

  it('says in ASCII what it is asked to', () => {
    expect(text(labelMismatch, { unicode: false })).toMatch(/^[\n -~]*$/)
  })

  it('passes no terminal escape of a cluster on', () => {
    const nasty = 'a\u001b[2Jb\u0007c'
    const root = judged('monitor/label-mismatch', 'error', {
      message: nasty,
      because: nasty,
      evidence: [{ ref: { ...monitorRef, name: nasty }, path: nasty, expected: nasty, actual: nasty }],
      fixes: [
        {
          id: 'f',
          title: nasty,
          risk: 'manual',
          at: 'live',
          lasts: nasty,
          verify: [],
          steps: [{ do: 'tell', text: nasty, commands: [nasty] }],
        },
      ],
    })
    const of = examination([passed('service-exists')], [{ root, explains: [] }])
    expect(text({ ...of, about: { ...of.about, context: nasty } }, { verbose: true })).not.toMatch(/\p{Cc}(?<!\n)/u)
  })

  it('leaves a snapshot’s zero requests out', () => {
    expect(text({ ...healthy, requests: 0 })).not.toContain('request')
  })
})
