import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
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

/** The root causes that a recorded cluster is expected to have. */
export const causesOf = (name: string): readonly string[] =>
  (JSON.parse(readFileSync(scenarioAt(name).json, 'utf8')) as Report).causes.map(({ code }) => code)

interface Answer {
  readonly op: string
  readonly query: { readonly apiVersion: string; readonly kind: string; readonly metadataOnly?: true }
  readonly answer: { readonly ok: boolean; readonly value?: KubernetesObject | readonly KubernetesObject[] }
}

/** Every object that was read; one that was read in part and whole, whole. */
export const objectsIn = (name: string): readonly KubernetesObject[] => {
  const lines = readFileSync(scenarioAt(name).snapshot, 'utf8').trim().split('\n').slice(1)
  const found = lines
    .map(line => JSON.parse(line) as Answer)
    .filter(({ op, answer }) => (op === 'list' || op === 'get') && answer.ok && answer.value !== undefined)
    .toSorted((a, b) => Number(b.query.metadataOnly ?? false) - Number(a.query.metadataOnly ?? false))
    .flatMap(({ query: { apiVersion, kind }, answer }) =>
      [answer.value ?? []].flat().map(object => ({ ...object, apiVersion, kind })),
    )
  const key = ({ apiVersion, kind, metadata: { namespace = '', name: own } }: KubernetesObject) =>
    [apiVersion, kind, namespace, own].join(' ')
  return [...new Map(found.map(object => [key(object), object])).values()]
}
