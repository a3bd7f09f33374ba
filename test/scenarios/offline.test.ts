import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { dynamoMetrics } from '../e2e/doctor.ts'
import { causesOf, objectsIn } from './scenario.ts'

/** What objects alone decide: a pre-deploy gate has to find it without a cluster. */
const decidedByObjects = [
  'stack/operator-not-running',
  'stack/prometheus-not-managed',
  'stack/prometheus-unmanaged',
  'stack/invalid-selector',
  'operator/image-unavailable',
  'operator/not-ready',
  'service/missing',
  'service/selects-nothing',
  'service/target-port-undeclared',
  'monitor/label-mismatch',
  'monitor/namespace-not-selected',
  'monitor/namespace-not-watched',
  'monitor/selector-empty',
  'monitor/selector-mismatch',
  'monitor/namespace-selector-mismatch',
  'monitor/port-mismatch',
  'monitor/target-port-mismatch',
  'monitor/no-endpoints',
  'monitor/duplicated',
  'monitor/rejected-file-access',
  'monitor/rejected-timeout',
  'monitor/rejected-relabeling',
  'monitor/rejected-scrape-class',
  'monitor/rejected-conflict',
  'scrape/all-dropped',
  'scrape/discovery-forbidden',
  'scrape/forbidden',
  'scrape/network-policy',
  'metrics/dropped',
  'dashboard/label-missing',
  'dashboard/label-value',
  'dashboard/empty',
  'dashboard/invalid-json',
  'grafana/sidecar-missing',
  'grafana/namespace-not-watched',
  'grafana/resource-not-watched',
  'grafana/sidecar-misconfigured',
  'grafana/sidecar-forbidden',
]

const folder = mkdtempSync(join(tmpdir(), 'offline-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe.concurrent('the objects of a recorded cluster, as files', () => {
  it.each(decidedByObjects)('%s is found in them', async name => {
    const { causes } = await judgeFiles(name)
    expect(causes.map(({ code }) => code)).toEqual(causesOf(name))
  })

  it('a healthy cluster has nothing to find', async () => {
    const { verdict, causes, counts } = await judgeFiles('healthy')
    expect([verdict, causes, counts.unknown]).toEqual(['healthy', [], 0])
    expect(counts.passed).toBeGreaterThan(20)
  })
})

const judgeFiles = async (name: string): Promise<Report> => {
  const file = join(folder, `${name.replace('/', '-')}.json`)
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objectsIn(name) }))
  const { stdout, stderr } = await dynamoMetrics(['doctor', '--offline', '--manifests', file, '--output', 'json'])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Report
}
