import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { kubeconfigs } from '../lab/api.ts'
import { dynamoMetrics, examine } from './doctor.ts'

it('a snapshot replays to the same report as the live run, but for times and counts', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dynamo-metrics-'))
  const file = join(folder, 'lab.snapshot')
  try {
    expect((await dynamoMetrics(['snapshot', '--kubeconfig', kubeconfigs.admin, '--file', file])).exitCode).toBe(0)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await readFile(file, 'utf8')).split('\n').length).toBeGreaterThan(10)
    const live = await examine(kubeconfigs.admin)
    const replayed = JSON.parse(
      (await dynamoMetrics(['doctor', '--snapshot', file, '--output', 'json'])).stdout,
    ) as Report
    expect(comparable(replayed)).toEqual(comparable(live))
  } finally {
    await rm(folder, { recursive: true })
  }
})

const comparable = ({ requests: _requests, seconds: _seconds, ...rest }: Report) => rest
