import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Cluster } from '../cluster/cluster.ts'
import type { LiveCluster } from '../cluster/live.ts'
import type { Manifests } from '../cluster/manifests.ts'
import { UserError } from '../model/errors.ts'
import type { Narrowing } from '../model/options.ts'
import type { ClusterFlags, ReplayFlags, SearchFlags } from './cluster-flags.ts'
import { requireKnown } from './did-you-mean.ts'
import { durationOf } from './duration.ts'
import { narrowingOf } from './narrowing-of-flags.ts'

/** What to examine, and where in it to look. */
export interface Opened {
  readonly cluster: Cluster
  readonly narrowing: Narrowing
  /** The cluster without the manifests, where some are laid over it: to be examined first. */
  readonly before?: Cluster
  /** The running cluster once more, for another reading. */
  readonly anew?: () => Cluster
}

export type OpenFlags = ClusterFlags & SearchFlags & ReplayFlags

/** Picks the implementation of the port that the flags ask for. `root` is the package's folder. @throws UserError */
export const openCluster = async (flags: OpenFlags, root: string): Promise<Opened> => {
  const manifests = flags.manifests ? await readManifests(flags.manifests, flags['default-namespace']) : undefined
  if (manifests && flags.offline)
    return { cluster: manifests, narrowing: narrowingOf(flags, flags['default-namespace']) }
  const base = await openBase(flags, root)
  if (!manifests) return base
  const [{ overlay }, { watch }] = await Promise.all([import('../cluster/overlay.ts'), import('../cluster/watch.ts')])
  const watched = watch(base.cluster)
  return { ...base, cluster: overlay(manifests, base.cluster, watched.isRead), before: watched.cluster }
}

const openBase = async (flags: OpenFlags, root: string): Promise<Opened> => {
  const file = await replayedFile(flags, root)
  if (file === undefined) return openLive(flags)
  const { openSnapshot } = await import('../cluster/snapshot.ts')
  const { cluster, header } = await openSnapshot(file)
  const own = narrowingOf(flags, undefined)
  const fallbackNamespaces = [...new Set([...header.narrowing.fallbackNamespaces, ...own.fallbackNamespaces])]
  return { cluster, narrowing: { ...header.narrowing, ...own, fallbackNamespaces } }
}

const replayedFile = async (flags: ReplayFlags, root: string): Promise<string | undefined> => {
  if (flags.snapshot !== undefined) return flags.snapshot
  if (!flags.demo && flags['demo-case'] === undefined) return undefined
  const folder = join(root, 'dist/demo')
  const files = await readdir(folder).catch(() => [])
  const cases = files.filter(file => file.endsWith(extension)).map(file => file.slice(0, -extension.length))
  const name = flags['demo-case'] ?? defaultCase
  requireKnown([name], cases.sort(), 'demo case')
  return join(folder, name + extension)
}

const extension = '.snapshot'
const defaultCase = 'broken'

export interface OpenedLive extends Opened {
  readonly cluster: LiveCluster
  readonly anew: () => LiveCluster
}

/** The running cluster. */
export const openLive = async (flags: ClusterFlags & SearchFlags): Promise<OpenedLive> => {
  const { openLiveCluster } = await import('../cluster/live.ts')
  const { prometheusUrl, grafanaUrl } = narrowingOf(flags, undefined)
  const cluster = await openLiveCluster({
    ...(flags.context === undefined ? {} : { context: flags.context }),
    ...(flags.kubeconfig === undefined ? {} : { kubeconfig: flags.kubeconfig }),
    ...(flags.as === undefined ? {} : { as: flags.as }),
    ...(prometheusUrl === undefined ? {} : { prometheusUrl }),
    ...(grafanaUrl === undefined ? {} : { grafanaUrl }),
    http: { prometheus: credentials('PROMETHEUS'), grafana: credentials('GRAFANA') },
    env: process.env,
    timeoutMs: durationOf(flags.timeout, '--timeout'),
  })
  return { cluster, narrowing: narrowingOf(flags, cluster.source.namespace), anew: cluster.anew }
}

/** What is secret comes by the environment: a flag would show in the process list. */
const credentials = (service: 'PROMETHEUS' | 'GRAFANA') => {
  const read = (name: string) => process.env[`DYNAMO_METRICS_${service}_${name}`]
  const [token, caFile, headers] = [read('TOKEN'), read('CA'), read('HEADERS')]
  return {
    ...(token ? { token } : {}),
    ...(caFile ? { caFile } : {}),
    ...(headers ? { headers: headersOf(headers, `DYNAMO_METRICS_${service}_HEADERS`) } : {}),
  }
}

const headersOf = (lines: string, variable: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    lines
      .split('\n')
      .filter(line => line.trim() !== '')
      .map(line => {
        const [, name, value] = line.match(/^\s*([\w-]+):\s*(.+?)\s*$/) ?? []
        if (name === undefined || value === undefined)
          throw new UserError(`${variable} holds a line that is no header`, {
            hint: 'Write a header a line, like "X-Scope-OrgID: team"',
          })
        return [name, value]
      }),
  )

const readManifests = async (names: readonly string[], defaultNamespace: string | undefined): Promise<Manifests> => {
  const { openManifests } = await import('../cluster/manifests.ts')
  const files = await Promise.all(
    names.map(async name => ({ name: name === '-' ? 'stdin' : name, text: await readText(name) })),
  )
  return openManifests({ files, ...(defaultNamespace === undefined ? {} : { defaultNamespace }) })
}

const readText = async (name: string): Promise<string> => {
  if (name === '-') return text(process.stdin)
  return readFile(name, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(`The manifests ${name} cannot be read: ${cause.code}`, {
      hint: 'Is the path right? - reads from stdin.',
      cause,
    })
  })
}
