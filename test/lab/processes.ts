import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { files } from './layout.ts'
import { waitFor } from './wait.ts'

export interface ProcessRecord {
  readonly pid: number
  /** Start time in clock ticks since boot: a pid alone may by now belong to somebody else's process. */
  readonly started: string
}

export interface ProcessOptions {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

/** Starts a background process unless the one recorded under this name is still alive. */
export function ensureProcess(options: ProcessOptions): void {
  if (isRunning(options.name)) return
  fs.mkdirSync(files.pids, { recursive: true })
  fs.mkdirSync(files.logs, { recursive: true })
  const log = fs.openSync(path.join(files.logs, `${options.name}.log`), 'a')
  const child = spawn(options.command, options.args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...options.env },
  })
  fs.closeSync(log)
  child.on('error', error => process.stderr.write(`${options.name}: ${error.message}\n`))
  child.unref()
  if (child.pid === undefined) throw new Error(`${options.name} could not be started: ${options.command}`)
  fs.writeFileSync(pidFile(options.name), JSON.stringify(recordOf(child.pid)))
}

export function isRunning(name: string): boolean {
  return isAlive(readRecord(pidFile(name)))
}

/** @throws Error where it does not run. */
export function recordedPid(name: string): number {
  const record = readRecord(pidFile(name))
  if (!record || !isAlive(record)) throw new Error(`${name} does not run`)
  return record.pid
}

/** The names of all that were started here and not stopped. */
export const recordedProcesses = (): readonly string[] =>
  fs.existsSync(files.pids) ? fs.readdirSync(files.pids).map(name => path.basename(name, '.json')) : []

/** Whether one of the processes recorded in a folder is still alive. */
export function runsAny(pidsFolder: string): boolean {
  const names = fs.existsSync(pidsFolder) ? fs.readdirSync(pidsFolder) : []
  return names.some(name => isAlive(readRecord(path.join(pidsFolder, name))))
}

export async function stopProcess(name: string): Promise<void> {
  const record = readRecord(pidFile(name))
  if (record && isAlive(record)) {
    process.kill(record.pid, 'SIGTERM')
    await waitFor(() => !isRunning(name), { what: `${name} to end`, seconds: 8, everyMilliseconds: 50 }).catch(() =>
      process.kill(record.pid, 'SIGKILL'),
    )
  }
  fs.rmSync(pidFile(name), { force: true })
}

export function lastLogLines(name: string, lines = 5): string {
  try {
    return fs
      .readFileSync(path.join(files.logs, `${name}.log`), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(-lines)
      .join('\n')
  } catch {
    return '(no log)'
  }
}

export const recordOf = (pid: number): ProcessRecord => ({ pid, started: startTime(pid) ?? '' })

export const isAlive = (record: ProcessRecord | undefined) =>
  record !== undefined && startTime(record.pid) === record.started

function readRecord(file: string): ProcessRecord | undefined {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as ProcessRecord
  } catch {
    return undefined
  }
}

/** Field 22 of /proc/PID/stat. The command name before it may hold spaces, so count from its closing bracket. */
function startTime(pid: number): string | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

const pidFile = (name: string) => path.join(files.pids, `${name}.json`)
