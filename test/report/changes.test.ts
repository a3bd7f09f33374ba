import { describe, expect, it } from 'vitest'
import { changesBetween } from '../../src/report/changes.ts'
import { healthy, labelMismatch } from './examinations.ts'

const beginnings = (lines: readonly string[]) => lines.map(line => line.split(': message')[0])

describe('what laying manifests over a cluster changes', () => {
  it('tells what they would add', () => {
    expect(beginnings(changesBetween(healthy, labelMismatch))).toEqual([
      'With the manifests applied, new: monitor/label-mismatch: No Prometheus selects ServiceMonitor inference/dyn-dynamo-operator-operator',
      'With the manifests applied, new: scrape/not-discovered',
      'With the manifests applied, new: metrics/absent',
    ])
  })

  it('tells what they would repair, and what of it only the running cluster can show', () => {
    const repaired = { ...healthy, untold: ['scrape/not-discovered', 'scrape/all-dropped'] }
    expect(beginnings(changesBetween(labelMismatch, repaired))).toEqual([
      'With the manifests applied, gone: monitor/label-mismatch: No Prometheus selects ServiceMonitor inference/dyn-dynamo-operator-operator',
      'With the manifests applied, gone: metrics/absent',
      'Whether it goes when the manifests are applied, only a cluster that runs them tells: scrape/not-discovered',
    ])
  })

  it('says so where they would change nothing', () => {
    expect(changesBetween(labelMismatch, { ...labelMismatch, untold: ['metrics/absent'] })).toEqual([
      'The manifests would change none of the findings.',
    ])
  })
})
