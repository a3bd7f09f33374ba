import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { execa } from 'execa'
import { type CustomKind, makeKindsKnown } from './custom-kinds.ts'
import { serveGit } from './git-server.ts'
import { applyObjects } from './installs.ts'
import { faultLabel, files, network, state } from './layout.ts'
import { ensureProcess, lastLogLines, stopProcess } from './processes.ts'
import { programOnDemand } from './programs.ts'
import { kubectl } from './tools.ts'
import { waitFor } from './wait.ts'

/**
 * A real Flux, whose one Kustomization applies what a real Git repository holds. It is no part of the healthy lab: what
 * starts it ends it.
 */
export interface Flux {
  /** Puts these files in the place of all that Git held. Flux looks every few seconds. */
  commit(contents: Readonly<Record<string, string>>, message: string): Promise<void>
  /** Sets the spec of the Kustomization, but for where it reads. */
  tell(spec: object): Promise<void>
  /** Has it fetch and apply what Git holds by now, and waits until it is through. */
  reconcile(): Promise<void>
  end(): Promise<void>
}

export const kustomization = { name: 'serving', namespace: 'flux-system' } as const

const programs = ['source-controller', 'kustomize-controller'] as const

const gitPort = 10920
const artifacts = `${network.host}:10921`
const own = {
  'source-controller': ['--metrics-addr=127.0.0.1:10922', '--health-addr=127.0.0.1:10923'],
  'kustomize-controller': ['--metrics-addr=127.0.0.1:10924', '--health-addr=127.0.0.1:10925'],
} as const

const sources = ['GitRepository', 'OCIRepository', 'HelmRepository', 'HelmChart', 'Bucket'] as const

const kinds: readonly CustomKind[] = [
  ...sources.map(kind => ['source.toolkit.fluxcd.io', 'v1', kind] as const),
  ['kustomize.toolkit.fluxcd.io', 'v1', 'Kustomization'],
]

/** Builds the programs, which takes many minutes the first time. */
export const buildFlux = async (say: (line: string) => void): Promise<void> => {
  for (const name of programs) await programOnDemand(name, say)
}

/** Whatever the user's own settings ask for. */
const gitSettings = ['user.name=lab', 'user.email=lab@localhost', 'commit.gpgSign=false'].flatMap(one => ['-c', one])

export const startFlux = async (): Promise<Flux> => {
  const folder = path.join(state, 'flux')
  fs.rmSync(folder, { recursive: true, force: true })
  const repository = path.join(folder, kustomization.name)
  const storage = path.join(folder, 'artifacts')
  for (const one of [repository, storage]) fs.mkdirSync(one, { recursive: true })
  const git = async (...args: readonly string[]): Promise<string> =>
    (await execa('git', ['-C', repository, ...gitSettings, ...args])).stdout
  await git('init', '--quiet', '--initial-branch=main')
  const server = await serveGit(folder, network.host, gitPort)

  const metadata = { name: kustomization.namespace, labels: { [faultLabel]: 'flux' } }
  await makeKindsKnown(kinds)
  await applyObjects([{ apiVersion: 'v1', kind: 'Namespace', metadata }])
  const storing = [`--storage-path=${storage}`, `--storage-addr=${artifacts}`, `--storage-adv-addr=${artifacts}`]
  await start('source-controller', storing)
  await start('kustomize-controller')

  return {
    commit: async (contents, message) => {
      for (const name of fs.readdirSync(repository).filter(one => one !== '.git'))
        fs.rmSync(path.join(repository, name))
      for (const [name, text] of Object.entries(contents)) fs.writeFileSync(path.join(repository, name), text)
      await git('add', '--all')
      await git('commit', '--quiet', '--message', message)
    },
    tell: spec => applyObjects([gitRepository, kustomizationOf(spec)]),
    reconcile: async () => {
      const head = await git('rev-parse', 'HEAD')
      await through('gitrepository', ({ artifact }) => artifact?.revision?.endsWith(head))
      await through('kustomization', ({ lastAppliedRevision }) => lastAppliedRevision?.endsWith(head))
    },
    end: async () => {
      // Each holds back its own deletion until its program has seen it.
      await kubectl('delete', 'kustomizations,gitrepositories', '--all', '-n', kustomization.namespace)
      for (const name of programs.toReversed()) await stopProcess(name)
      server.close()
      server.closeAllConnections()
    },
  }
}

/** As much of the status of both kinds as is waited for. */
interface Status {
  readonly lastHandledReconcileAt?: string
  readonly artifact?: { readonly revision?: string }
  readonly lastAppliedRevision?: string
}

/** Asks for a round, as Flux's own command line does, and waits until it is through. */
const through = async (kind: string, isThere: (status: Status) => boolean | undefined): Promise<void> => {
  const token = randomUUID()
  const where = [kind, kustomization.name, '-n', kustomization.namespace]
  await kubectl('annotate', ...where, `reconcile.fluxcd.io/requestedAt=${token}`, '--overwrite')
  const isThrough = async (): Promise<boolean> => {
    const { status = {} } = JSON.parse(await kubectl('get', ...where, '-o', 'json')) as { status?: Status }
    return status.lastHandledReconcileAt === token && isThere(status) === true
  }
  await waitFor(isThrough, { what: `Flux to be through with the ${kind}`, seconds: 60 }).catch(withLogs)
}

const start = async (name: (typeof programs)[number], args: readonly string[] = []): Promise<void> => {
  const env = { KUBECONFIG: files.kubeconfig, RUNTIME_NAMESPACE: kustomization.namespace }
  const command = await programOnDemand(name, () => {})
  ensureProcess({ name, command, args: [...own[name], '--events-addr=', ...args], env })
  const health = own[name][1].replace('--health-addr=', 'http://')
  const ready = async () => (await fetch(`${health}/readyz`)).ok
  await waitFor(ready, { what: `${name} to be ready` }).catch(withLogs)
}

const withLogs = (cause: unknown): never => {
  throw new Error(programs.map(name => lastLogLines(name)).join('\n'), { cause })
}

const gitRepository = {
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  metadata: kustomization,
  spec: {
    interval: '5s',
    timeout: '20s',
    url: `http://${network.host}:${gitPort}/${kustomization.name}/.git`,
    ref: { branch: 'main' },
  },
}

/** Without prune: what it made is left to `heal`. */
const kustomizationOf = (spec: object) => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: kustomization,
  spec: { prune: false, sourceRef: { kind: 'GitRepository', name: kustomization.name }, ...spec },
})
