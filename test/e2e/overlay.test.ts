import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { breakLab, dynamo, heal, kubeconfigs, kubectl, names } from '../lab/api.ts'
import { examine } from './doctor.ts'

interface ServiceMonitorFile {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> }
  readonly spec: { readonly endpoints: readonly Readonly<Record<string, unknown>>[] }
}

/** `doctor --manifests` over the running cluster: what would it say if they were applied? Nothing is. */
describe('manifests laid over the cluster', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'overlay-'))
    await heal()
  })
  afterEach(heal)
  afterAll(() => rm(folder, { recursive: true }))

  const laidOver = async (object: unknown): Promise<Report> => {
    const file = join(folder, 'change.json')
    await writeFile(file, JSON.stringify(object))
    return examine(kubeconfigs.admin, '--manifests', file)
  }
  const monitorThere = async (): Promise<ServiceMonitorFile> =>
    JSON.parse(await kubectl('get', 'servicemonitor', names.serviceMonitor, '-n', dynamo.namespace, '-o', 'json'))

  const unrelated = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: dynamo.namespace, name: 'prices' },
    data: { apple: '1' },
  }

  it('that have no part in the chain change nothing, not even what only the running programs tell', async () => {
    expect(await laidOver(unrelated)).toMatchObject({
      verdict: 'healthy',
      notes: ['The manifests would change none of the findings.'],
    })
    await breakLab('scrape/connection-refused')
    const { causes, notes } = await laidOver(unrelated)
    expect(causes.map(({ code }) => code)).toEqual(['scrape/connection-refused'])
    expect(notes).toEqual(['The manifests would change none of the findings.'])
  })

  it('that break the ServiceMonitor are told before they do', async () => {
    const there = await monitorThere()
    const endpoints = there.spec.endpoints.map(endpoint => ({ ...endpoint, port: 'gears' }))
    const { verdict, notes = [] } = await laidOver({ ...there, spec: { ...there.spec, endpoints } })
    expect(verdict).toBe('faulty')
    expect(notes.filter(note => note.startsWith('With the manifests applied, new: '))).toEqual([
      expect.stringContaining('monitor/port-mismatch'),
    ])
    expect((await examine(kubeconfigs.admin)).verdict).toBe('healthy')
  })

  it('that mend it end the cause, and of what followed only the running cluster can tell', async () => {
    await breakLab('monitor/label-mismatch')
    const there = await monitorThere()
    const labels = { ...there.metadata.labels, release: 'kps' }
    const { causes, verdict, notes = [] } = await laidOver({ ...there, metadata: { ...there.metadata, labels } })
    expect([verdict, causes.filter(({ severity }) => severity === 'error')]).toEqual(['healthy', []])
    expect(notes.filter(note => note.includes('applied, gone: '))).toEqual([
      expect.stringContaining('monitor/label-mismatch'),
    ])
    expect(notes.join('\n')).toContain('only a cluster that runs them tells: metrics/absent')
  })
})
