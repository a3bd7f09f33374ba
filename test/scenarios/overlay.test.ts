import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import type { Report } from '../../src/model/report.ts'
import { dynamoMetrics } from '../e2e/doctor.ts'
import { causesOf, objectsIn, scenarioAt } from './scenario.ts'

const folder = mkdtempSync(join(tmpdir(), 'overlay-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What the doctor says of a recorded cluster with these objects applied to it. */
const judged = async (name: string, objects: readonly KubernetesObject[], file: string): Promise<Report> => {
  const path = join(folder, `${file.replaceAll('/', '-')}.json`)
  writeFileSync(path, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }))
  const { stdout, stderr } = await dynamoMetrics([
    ...['doctor', '--snapshot', scenarioAt(name).snapshot],
    ...['--manifests', path, '--output', 'json'],
  ])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Report
}

/** What a person applies: no pods and nothing that controllers write. */
const appliedOf = (name: string) => objectsIn(name).filter(({ kind }) => !['Pod', 'Event', 'Namespace'].includes(kind))

const unrelated: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'shop', name: 'prices' },
}

/** Those that the answers of running programs show. */
const seenRunning = [
  'healthy',
  'metrics/absent',
  'metrics/namespace-overwritten',
  'grafana/dashboard-not-loaded',
  'scrape/connection-refused',
  'scrape/config-not-written',
  'monitor/rejected-missing-secret',
]

describe.concurrent('manifests that have nothing to do with the chain', () => {
  it.each(seenRunning)('change nothing of %s', async name => {
    const { causes, notes } = await judged(name, [unrelated], `unrelated-${name}`)
    expect(causes.map(({ code }) => code)).toEqual(causesOf(name))
    expect(notes).toContain('The manifests would change none of the findings.')
  })
})

/** What the objects of a faulty cluster say once they are applied to the healthy one, and the other way round. */
const decidedByObjects = [
  'stack/prometheus-not-managed',
  'stack/invalid-selector',
  'service/selects-nothing',
  'monitor/label-mismatch',
  'monitor/selector-mismatch',
  'monitor/rejected-file-access',
  'dashboard/label-missing',
  'grafana/sidecar-missing',
]

describe.concurrent('manifests that make a fault, or mend it', () => {
  it.each(decidedByObjects)('%s would be new', async name => {
    const { causes, notes = [] } = await judged('healthy', appliedOf(name), `broken-${name}`)
    expect(causes.map(({ code }) => code)).toEqual([name])
    expect(notes.filter(note => note.includes(`applied, new: ${name}: `))).toHaveLength(1)
    expect(notes.filter(note => note.includes('gone') || note.includes('only a cluster'))).toEqual([])
  })

  it.each(decidedByObjects)('%s would be gone', async name => {
    const { causes, notes = [] } = await judged(name, appliedOf('healthy'), `mended-${name}`)
    expect(causes).toEqual([])
    expect(notes.filter(note => note.includes(`applied, gone: ${name}: `))).toHaveLength(1)
    expect(notes.filter(note => note.includes('applied, new'))).toEqual([])
  })

  it.each(['scrape/connection-refused', 'scrape/tls', 'operator/image-unavailable', 'operator/not-ready'])(
    '%s shows in the running cluster alone: it is never called gone',
    async name => {
      const { causes, verdict, exitCode, notes = [] } = await judged(name, appliedOf('healthy'), `open-${name}`)
      expect([causes, verdict, exitCode]).toEqual([[], 'incomplete', 3])
      expect(notes.filter(note => note.includes('gone'))).toEqual([])
      expect(notes.filter(note => note.includes(`only a cluster that runs them tells: ${name}: `))).toHaveLength(1)
    },
  )
})
