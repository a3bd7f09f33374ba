import { randomUUID } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { execa } from 'execa'
import { parse } from 'yaml'
import { asText } from '../model/as-text.ts'
import { isRecord } from '../model/is-record.ts'
import type { KubeconfigOptions } from './kubeconfig.ts'
import { failed } from './write-failure.ts'
import type { ChartIdentity, Mode, ReleaseName, Upgrade, Upgraded, WriteFailure, Written } from './writer.ts'

export interface HelmOptions extends KubeconfigOptions {
  /** How long Helm may wait for what it installs. */
  readonly helmTimeoutMs: number
}

/** `helm show chart`: what stands behind a reference. */
export const chartIdentity = async (
  options: HelmOptions,
  reference: string,
  version: string | undefined,
): Promise<Written<ChartIdentity>> => {
  const shown = await helm(options, [
    'show',
    'chart',
    reference,
    ...(version === undefined ? [] : ['--version', version]),
  ])
  if (!shown.ok) return shown
  const chart: unknown = parse(shown.value)
  return isRecord(chart) && typeof chart.name === 'string'
    ? { ok: true, value: { name: chart.name, version: asText(chart.version ?? '') } }
    : failed('invalid', `${reference} is no chart`)
}

/**
 * `helm upgrade` with the values of the release and some on top. It waits, and rolls back by itself where it fails.
 * Never --force, never --force-conflicts: what another manager holds stops it.
 */
export const upgradeRelease = async (
  options: HelmOptions,
  { release, reference, version, set, description }: Upgrade,
  mode: Mode,
): Promise<Written<Upgraded>> => {
  const major = await majorVersion(options)
  if (!major.ok) return major
  const values = Object.entries(set).flatMap(([path, value]) => ['--set-json', `${path}=${JSON.stringify(value)}`])
  const change = [
    ...['upgrade', release.name, reference, '--namespace', release.namespace, '--version', version],
    ...['--reset-then-reuse-values', ...values],
  ]
  const safely = [rollbackFlag(major.value), '--wait']
  const done = await helm(options, [
    ...[...change, '--description', description, '--output', 'json'],
    ...(mode === 'dry-run' ? ['--dry-run=server'] : [...safely, ...patience(options)]),
  ])
  if (!done.ok) return done
  const manifest = manifestIn(done.value)
  return manifest.ok
    ? { ok: true, value: { manifest: manifest.value, command: ['helm', ...change, ...safely] } }
    : manifest
}

/**
 * `helm rollback`, which is an upgrade to what an older revision says. Without a mode its --dry-run is what Helm 3 and
 * Helm 4 both know.
 */
export const rollBack = async (
  options: HelmOptions,
  { namespace, name }: ReleaseName,
  revision: number,
  mode: Mode,
): Promise<Written<undefined>> => {
  const how = mode === 'dry-run' ? ['--dry-run'] : ['--wait', ...patience(options)]
  const words = ['rollback', name, String(revision), '--namespace', namespace, ...how]
  const done = await helm(options, words)
  return done.ok ? { ok: true, value: undefined } : done
}

/** Helm 4 gave --atomic a name that says what it does. */
const rollbackFlag = (major: number): string => (major >= 4 ? '--rollback-on-failure' : '--atomic')

const patience = ({ helmTimeoutMs }: HelmOptions): readonly string[] => [
  '--timeout',
  `${Math.max(1, Math.round(helmTimeoutMs / 1000))}s`,
]

/** --reset-then-reuse-values came with 3.14: without it, values that a newer chart added would be lost. */
const majorVersion = async (options: HelmOptions): Promise<Written<number>> => {
  const shown = await helm(options, ['version', '--template', '{{.Version}}'])
  if (!shown.ok) return shown
  const [major, minor] = /v?(\d+)\.(\d+)/.exec(shown.value)?.slice(1).map(Number) ?? []
  if (major === undefined || minor === undefined)
    return failed('no-helm', `Helm does not tell its version: ${shown.value}`)
  return major > 3 || (major === 3 && minor >= 14)
    ? { ok: true, value: major }
    : failed('no-helm', `Helm ${major}.${minor} is too old: 3.14 or newer is needed`)
}

const manifestIn = (output: string): Written<string> => {
  try {
    const release: unknown = JSON.parse(output)
    return { ok: true, value: isRecord(release) ? asText(release.manifest ?? '') : '' }
  } catch {
    return failed('unanswered', 'Helm ended well, but what it printed is not JSON')
  }
}

/**
 * Runs Helm on the same cluster, as the same user. Helm that is ended in the middle leaves a release that is locked: so
 * it is in a session of its own, where no Ctrl-C reaches it, and writes into files, which do not break as a pipe does
 * when this process is gone.
 */
const helm = async (options: HelmOptions, words: readonly string[]): Promise<Written<string>> => {
  const outputs = await openOutputs()
  if (!outputs.ok) return outputs
  const [stdout, stderr] = outputs.value
  const result = await execa('helm', [...words, ...target(words, options)], {
    env: { ...options.env },
    extendEnv: false,
    stdin: 'ignore',
    stdout: descriptorOf(stdout),
    stderr: descriptorOf(stderr),
    detached: true,
    reject: false,
  })
  const [printed, complained] = await Promise.all([textOf(stdout), textOf(stderr)])
  if (!result.failed) return { ok: true, value: printed }
  if (result.code === 'ENOENT') return failed('no-helm', 'helm is not on the PATH')
  const said = complained.trim() || (result.shortMessage ?? '')
  return failed(whyOf(said), essenceOf(said))
}

const openOutputs = async (): Promise<Written<readonly [stdout: FileHandle, stderr: FileHandle]>> => {
  try {
    return { ok: true, value: [await openUnnamed(), await openUnnamed()] }
  } catch (error) {
    return failed('no-helm', `Helm has nowhere to write: ${(error as Error).message}`)
  }
}

/** A file that is there as long as somebody holds it open, and leaves nothing: a manifest may hold Secrets. */
const openUnnamed = async (): Promise<FileHandle> => {
  const name = join(tmpdir(), `dynamo-metrics-${randomUUID()}`)
  const handle = await open(name, 'wx+', 0o600)
  await rm(name)
  return handle
}

/** Any will do for execa, whose types know those up to 9. */
const descriptorOf = ({ fd }: FileHandle) => fd as 3

/** From its beginning: Helm has moved on the place that both read and write at. */
const textOf = (handle: FileHandle): Promise<string> => text(handle.createReadStream({ start: 0 }))

/** What stands after the log lines, from its error on. */
const essenceOf = (said: string): string => {
  const lines = said.split('\n').filter(line => !/^(?:level=|WARNING:|I\d{4} )/.test(line))
  const error = lines.findIndex(line => line.startsWith('Error:'))
  return lines.slice(Math.max(0, error)).join(' ').slice(0, 600)
}

/** `show` and `version` ask no cluster, and Helm refuses to read a kubeconfig it cannot find. */
const target = ([command = '']: readonly string[], { kubeconfig, context, as, asGroups = [] }: HelmOptions) =>
  command === 'show' || command === 'version'
    ? []
    : [
        ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
        ...(context === undefined ? [] : ['--kube-context', context]),
        ...(as === undefined ? [] : ['--kube-as-user', as]),
        ...asGroups.flatMap(group => ['--kube-as-group', group]),
      ]

const whyOf = (said: string): WriteFailure['why'] => reasons.find(([words]) => words.test(said))?.[1] ?? 'failed'

const reasons: readonly (readonly [RegExp, WriteFailure['why']])[] = [
  [/another operation .* in progress/i, 'busy'],
  [/conflict with "|conflicts? with/i, 'conflict'],
  [/admission webhook .*denied|ValidatingAdmissionPolicy .*denied/i, 'refused'],
  [/forbidden|unauthorized/i, 'forbidden'],
  [/not found/i, 'gone'],
  [/unreachable|connection refused|i\/o timeout|context deadline exceeded/i, 'unanswered'],
]
