import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { V1Container } from '@kubernetes/client-node'
import { commandFor, hostFolders } from './images.ts'
import { apiServer, files } from './layout.ts'
import { podNamespace } from './network.ts'

/** A pod as the container code needs it. */
export interface Place {
  readonly id: string
  readonly podName: string
  readonly address: string
  readonly folder: string
  readonly mounts: (container: V1Container) => string[]
  readonly environment: (container: V1Container) => Record<string, string>
}

export interface ContainerState {
  ready: boolean
  restarts: number
  startedAt: string | undefined
  waiting: { reason: string; message: string } | undefined
  lastExit: { exitCode: number; startedAt: string; finishedAt: string } | undefined
}

export interface RunningContainer {
  readonly container: V1Container
  readonly state: ContainerState
  readonly stop: () => void
}

const longestBackOff = 10_000
const prometheusPort = 9090

export const freshState = (): ContainerState => ({
  ready: false,
  restarts: 0,
  startedAt: undefined,
  waiting: { reason: 'ContainerCreating', message: '' },
  lastExit: undefined,
})

/** An init container: runs to its end, again after a failure. */
export async function runToEnd(place: Place, container: V1Container): Promise<void> {
  while (commandFor(container)) {
    const { code } = await started(place, container).ended
    if (code === 0) return
    await pause(1000)
  }
}

/** Keeps a container running, with a kubelet's CrashLoopBackOff, but with seconds in place of minutes. */
export function keepRunning(place: Place, container: V1Container, changed: () => void): RunningContainer {
  const state = freshState()
  const stopping = new AbortController()
  let child: ChildProcess | undefined
  const loop = async () => {
    await mayStart(place, container, stopping.signal)
    while (!stopping.signal.aborted) {
      const startedAt = now()
      Object.assign(state, { startedAt, waiting: undefined })
      changed()
      const run = started(place, container)
      child = run.child
      const ended = new AbortController()
      void readiness(place, container, AbortSignal.any([stopping.signal, ended.signal])).then(ready => {
        state.ready = ready
        if (ready) changed()
      })
      const { code } = await run.ended
      ended.abort()
      if (stopping.signal.aborted) return
      const message = `back-off restarting failed container=${container.name} pod=${place.podName}`
      Object.assign(state, {
        ready: false,
        startedAt: undefined,
        waiting: { reason: 'CrashLoopBackOff', message },
        lastExit: { exitCode: code, startedAt, finishedAt: now() },
      })
      changed()
      await pause(Math.min(1000 * 2 ** state.restarts, longestBackOff), undefined, { signal: stopping.signal }).catch(
        () => {},
      )
      state.restarts += 1
    }
  }
  if (commandFor(container)) void loop()
  else Object.assign(state, { ready: true, startedAt: now(), waiting: undefined })
  const stop = () => {
    stopping.abort()
    if (child) end(child)
  }
  return { container, state, stop }
}

export const logFile = (place: Place, container: string) => path.join(place.folder, `${container}.log`)

interface Run {
  readonly child: ChildProcess
  readonly ended: Promise<{ code: number }>
}

function started(place: Place, container: V1Container): Run {
  const environment = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    HOSTNAME: place.podName,
    KUBERNETES_SERVICE_HOST: apiServer.host,
    KUBERNETES_SERVICE_PORT: String(apiServer.port),
    ...place.environment(container),
  }
  const expand = (text: string) =>
    text.replace(/\$\((\w+)\)/g, (all, name: string) => (environment as Record<string, string>)[name] ?? all)
  const root = path.join(place.folder, `root-${container.name}`)
  fs.mkdirSync(root, { recursive: true })
  const mounts = [
    ...hostFolders.flatMap(folder => [folder, folder]),
    files.hosts,
    '/etc/hosts',
    ...place.mounts(container),
  ]
  const program = [...(commandFor(container) ?? []), ...(container.args ?? []).map(expand)]
  const enter = ['netns', 'exec', podNamespace(place.id), 'unshare', '--mount', '--propagation', 'private', 'sh']
  const args = [...enter, path.join(import.meta.dirname, 'pod-root.sh'), root, ...mounts, '--', ...program]
  const child = spawn('ip', args, { env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const log = fs.createWriteStream(logFile(place, container.name), { flags: 'a' })
  child.stdout.on('data', inLogFormat('stdout', log))
  child.stderr.on('data', inLogFormat('stderr', log))
  const ended = new Promise<{ code: number }>(resolve => {
    child.on('error', () => resolve({ code: 128 }))
    child.on('exit', (code, signal) => resolve({ code: code ?? (signal === 'SIGKILL' ? 137 : 143) }))
  })
  void ended.then(() => log.end())
  return { child, ended }
}

/** The format of container runtimes' log files, which the kubelet's log endpoint expects. */
function inLogFormat(stream: string, log: fs.WriteStream): (data: Buffer) => void {
  let rest = ''
  return data => {
    const lines = (rest + data.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (!log.writableEnded) log.write(`${now()} ${stream} F ${line}\n`)
  }
}

/**
 * prometheus-config-reloader misses a change that falls between a refused first reload and its retry seconds
 * later, so here it starts when Prometheus listens. Real clusters have that race; the lab must not be flaky.
 */
async function mayStart(place: Place, container: V1Container, signal: AbortSignal): Promise<void> {
  if (container.name !== 'config-reloader') return
  while (!signal.aborted && !(await listens(place.address, prometheusPort))) await pause(100)
}

/** Ready when its readiness probe's port, or else its first declared one, takes connections. */
async function readiness(place: Place, container: V1Container, signal: AbortSignal): Promise<boolean> {
  const port = probePort(container) ?? container.ports?.[0]?.containerPort
  if (port === undefined) await pause(1000)
  while (!signal.aborted) {
    if (port === undefined || (await listens(place.address, port))) return true
    await pause(100)
  }
  return false
}

function probePort(container: V1Container): number | undefined {
  const probe = container.readinessProbe
  const wanted: unknown = probe?.httpGet?.port ?? probe?.tcpSocket?.port
  if (typeof wanted === 'number') return wanted
  return container.ports?.find(port => port.name === wanted)?.containerPort
}

function listens(address: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = net.connect({ host: address, port, timeout: 500 })
    const answer = (listening: boolean) => {
      socket.destroy()
      resolve(listening)
    }
    socket
      .on('connect', () => answer(true))
      .on('error', () => answer(false))
      .on('timeout', () => answer(false))
  })
}

function end(child: ChildProcess): void {
  const signal = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid, name)
    } catch {
      // it ended by itself
    }
  }
  signal('SIGTERM')
  setTimeout(() => signal('SIGKILL'), 1500).unref()
}

const now = () => new Date().toISOString()
