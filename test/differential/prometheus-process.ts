import { type ChildProcess, execFile, spawn } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { RelabelConfig } from '../../src/model/kubernetes.ts'
import { cache, waitFor } from '../lab/api.ts'

export const program = (name: string): string => path.join(cache, 'bin', name)

/** As prometheus-operator writes a relabeling into the configuration: empty fields left out, the action in small letters. */
export const asConfigured = (config: RelabelConfig): Readonly<Record<string, unknown>> => ({
  ...(config.sourceLabels?.length ? { source_labels: config.sourceLabels } : {}),
  ...(config.separator === undefined ? {} : { separator: config.separator }),
  ...(config.targetLabel ? { target_label: config.targetLabel } : {}),
  ...(config.regex ? { regex: config.regex } : {}),
  ...(config.modulus ? { modulus: config.modulus } : {}),
  ...(config.replacement === undefined ? {} : { replacement: config.replacement }),
  ...(config.action ? { action: config.action.toLowerCase() } : {}),
})

/** Why Prometheus refuses each of these configurations; undefined where it loads. JSON is YAML. */
export const refusals = async (
  folder: string,
  configurations: readonly unknown[],
): Promise<readonly (string | undefined)[]> => {
  const files = configurations.map((configuration, index) => {
    const file = path.join(folder, `${index}.yaml`)
    fs.writeFileSync(file, typeof configuration === 'string' ? configuration : JSON.stringify(configuration))
    return file
  })
  const said = await new Promise<string>(resolve =>
    execFile(
      program('promtool'),
      ['check', 'config', '--syntax-only', ...files],
      { maxBuffer: 64 * 1024 * 1024 },
      (_, stdout, stderr) => resolve(`${stdout}\n${stderr}`),
    ),
  )
  const reasons = new Map(
    [...said.matchAll(/FAILED: parsing YAML file (\S+): ((?:.|\n)*?)(?=\n\n|\nChecking|\n {2}FAILED|$)/g)].map(
      match => [match[1], match[2]] as const,
    ),
  )
  for (const file of files)
    if (!said.includes(`Checking ${file}\n`)) throw new Error(`promtool left out ${file}: ${said}`)
  return files.map(file => reasons.get(file))
}

export interface RunningPrometheus {
  /** The `data` of an answer of its HTTP API. */
  readonly ask: <T>(path: string) => Promise<T>
  readonly stop: () => Promise<void>
}

/** A Prometheus of our own on the loopback, apart from the lab. */
export const startPrometheus = async (folder: string, configuration: unknown): Promise<RunningPrometheus> => {
  const port = await freePort()
  const file = path.join(folder, 'prometheus.json')
  const log = path.join(folder, 'prometheus.log')
  fs.writeFileSync(file, JSON.stringify(configuration))
  const child = spawn(
    program('prometheus'),
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${path.join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', 'ignore', fs.openSync(log, 'w')] },
  )
  const ask = async <T>(question: string): Promise<T> => {
    const answer = await fetch(`http://127.0.0.1:${port}${question}`)
    const body = (await answer.json()) as { readonly data: T; readonly error?: string }
    if (!answer.ok) throw new Error(`${question}: ${body.error}`)
    return body.data
  }
  await waitFor(async () => (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok, {
    what: 'Prometheus to be ready',
    seconds: 90,
  }).catch(async error => {
    await end(child)
    throw new Error(`${(error as Error).message}: ${fs.readFileSync(log, 'utf8').slice(-2000)}`, { cause: error })
  })
  return { ask, stop: () => end(child) }
}

export const end = (child: ChildProcess): Promise<void> =>
  new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = http.createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
