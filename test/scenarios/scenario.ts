import { readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Report } from '../../src/model/report.ts'
import { dynamoMetrics } from '../e2e/doctor.ts'

/** A recorded cluster, and what the doctor says of it. */
export interface Scenario {
  readonly snapshot: string
  readonly text: string
  readonly json: string
}

const scenariosFolder = fileURLToPath(new URL('.', import.meta.url))

/** The names of what was recorded: `healthy`, and codes as `area/name`. */
export const recorded = (): readonly string[] =>
  readdirSync(scenariosFolder, { recursive: true, encoding: 'utf8' })
    .filter(file => basename(file) === 'cluster.snapshot')
    .map(dirname)
    .sort()

export const scenarioAt = (name: string): Scenario => ({
  snapshot: join(scenariosFolder, name, 'cluster.snapshot'),
  text: join(scenariosFolder, name, 'expected.txt'),
  json: join(scenariosFolder, name, 'expected.json'),
})

/** What differs from run to run: the tool's version, the time it took, the requests it sent. */
type Lasting = Omit<Report, 'requests' | 'seconds' | 'tool'>

export interface Replayed {
  readonly text: string
  readonly report: Lasting
  readonly exitCode: number
}

/** Runs the built command on the recorded cluster, once for both formats. */
export const replay = async ({ snapshot }: Scenario): Promise<Replayed> => {
  const folder = await mkdtemp(join(tmpdir(), 'scenario-'))
  const file = join(folder, 'report.json')
  try {
    const { exitCode, stdout, stderr } = await dynamoMetrics(
      ['doctor', '--snapshot', snapshot, '--output', 'text', '--output', `json=${file}`],
      { COLUMNS: '100', NO_COLOR: '1' },
    )
    if (stderr !== '') throw new Error(stderr)
    const {
      requests: _requests,
      seconds: _seconds,
      tool: _tool,
      ...report
    } = JSON.parse(await readFile(file, 'utf8')) as Report
    return { text: stdout.replace(/(?:\d+ requests?, )?[\d.]+ s$/m, 'T s'), report, exitCode }
  } finally {
    await rm(folder, { recursive: true })
  }
}
