import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { UserError } from '../model/errors.ts'
import { isRecord } from '../model/is-record.ts'
import type { Narrowing } from '../model/options.ts'
import type { Read } from '../model/read.ts'
import type { Cluster, Source } from './cluster.ts'
import { redact } from './redaction.ts'
import { resourceName, unavailable } from './unavailable.ts'

/**
 * A snapshot is a file of JSON lines: a header, then one line per answer, `{op, query, answer}`, ordered by query so
 * that two recordings of the same cluster can be compared. Refusals are answers too.
 */
export interface SnapshotHeader {
  readonly format: 'dynamo-metrics-snapshot'
  readonly version: 1
  readonly tool: string
  /** RFC 3339. */
  readonly recordedAt: string
  readonly source: Source
  /** What flags narrowed the recording to: a replay must narrow likewise. */
  readonly narrowing: Narrowing
}

export interface Recorder {
  /** Answers as the wrapped cluster does, and remembers. */
  readonly cluster: Cluster
  /** Writes what was read so far, mode 0600, in one step. @throws UserError where the file cannot be written. */
  write(file: string): Promise<void>
}

export interface Snapshot {
  readonly cluster: Cluster
  readonly header: SnapshotHeader
}

type About = Pick<SnapshotHeader, 'tool' | 'recordedAt' | 'narrowing'>

/** The reads of the port by name. */
const operations = ['get', 'list', 'count', 'version', 'resources', 'logs', 'access', 'http', 'helmRelease'] as const
type Operation = (typeof operations)[number]
type Ask = (query?: unknown) => Promise<Read<unknown>>

/** Wraps a cluster so that all it answers can be replayed. Redacts once more, whatever stands behind. */
export const record = (cluster: Cluster, about: About): Recorder => {
  const lines = new Map<string, string>()
  const remember = (op: Operation): Ask => {
    const ask = cluster[op] as Ask
    return async query => {
      const answer = redact(await ask(query))
      lines.set(keyOf(op, query), JSON.stringify({ op, query: sorted(redact(query ?? null)), answer }))
      return answer
    }
  }
  const header: SnapshotHeader = redact({ format, version, ...about, source: cluster.source })
  return {
    cluster: { ...clusterOf(remember), source: cluster.source, requests: () => cluster.requests() },
    write: file => writeAtOnce(file, [JSON.stringify(header), ...inOrder(lines)].map(line => `${line}\n`).join('')),
  }
}

/** Opens a snapshot's file. @throws UserError where it is none, is broken, or comes from a newer version. */
export const openSnapshot = async (file: string): Promise<Snapshot> => {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UserError(`The snapshot ${file} cannot be read`, {
      hint: 'Record one with: dynamo-metrics snapshot',
      cause,
    })
  })
  return parseSnapshot(text, basename(file))
}

/** Reads a snapshot's text. `name` is said in complaints. @throws UserError */
export const parseSnapshot = (text: string, name: string): Snapshot => {
  const [first = '', ...rest] = text.split('\n')
  const header = parseHeader(first, name)
  const answers = new Map<string, Read<unknown>>()
  rest.forEach((line, index) => {
    if (line === '') return
    const { op, query, answer } = parseLine(line, index + 2, name)
    answers.set(keyOf(op, query), answer)
  })
  const replay =
    (op: Operation): Ask =>
    async query =>
      answers.get(keyOf(op, query)) ?? notRecorded(op, query)
  return {
    header,
    cluster: { ...clusterOf(replay), source: { ...header.source, kind: 'snapshot' }, requests: () => 0 },
  }
}

const format = 'dynamo-metrics-snapshot'
const version = 1

const clusterOf = (ask: (op: Operation) => Ask): Pick<Cluster, Operation> =>
  Object.fromEntries(operations.map(op => [op, ask(op)])) as unknown as Pick<Cluster, Operation>

/** Keys in order, absent ones left out, secrets blanked: the same question has the same key, live and replayed. */
const keyOf = (op: Operation, query: unknown): string => `${op} ${JSON.stringify(sorted(redact(query ?? null)))}`

const sorted = (json: unknown): unknown => {
  if (Array.isArray(json)) return json.map(sorted)
  if (!isRecord(json)) return json
  const names = Object.keys(json).filter(name => json[name] !== undefined)
  return Object.fromEntries(names.sort().map(name => [name, sorted(json[name])]))
}

const inOrder = (lines: ReadonlyMap<string, string>): readonly string[] =>
  [...lines.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line)

/** A reader never sees half a file, nor one that others may read. */
const writeAtOnce = async (file: string, text: string): Promise<void> => {
  const draft = `${file}.${randomUUID()}.tmp`
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' })
    await rename(draft, file)
  } catch (cause) {
    await rm(draft, { force: true })
    throw new UserError(`The snapshot ${file} cannot be written`, {
      hint: 'Choose another place for it',
      cause,
    })
  }
}

const parseHeader = (line: string, name: string): SnapshotHeader => {
  const header = parseJson(line)
  if (!isRecord(header) || header.format !== format)
    throw new UserError(`${name} is no snapshot`, { hint: 'Record one with: dynamo-metrics snapshot' })
  if (typeof header.version === 'number' && header.version > version)
    throw new UserError(`The snapshot ${name} has format ${header.version}, this program reads up to ${version}`, {
      hint: 'Update dynamo-metrics, or record the snapshot with this version',
    })
  if (header.version !== version || !isRecord(header.source) || !isRecord(header.narrowing))
    throw new UserError(`The snapshot ${name} has a broken first line`, { hint: brokenHint })
  return header as unknown as SnapshotHeader
}

const parseLine = (line: string, number: number, name: string) => {
  const entry = parseJson(line)
  const op = isRecord(entry) ? operations.find(known => known === entry.op) : undefined
  if (!isRecord(entry) || !op || !isRead(entry.answer))
    throw new UserError(`The snapshot ${name} is broken in line ${number}`, { hint: brokenHint })
  return { op, query: entry.query, answer: entry.answer }
}

const brokenHint = 'It may have been cut off when it was copied: copy it, or record it, again'

const parseJson = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** JSON has no undefined: an object that does not exist is `{ok: true}`. */
const isRead = (json: unknown): json is Read<unknown> =>
  isRecord(json) && (json.ok === true || (json.ok === false && isRecord(json.unavailable)))

const verbs: Readonly<Record<Operation, string>> = {
  get: 'get',
  list: 'list',
  count: 'list',
  version: 'get',
  resources: 'get',
  logs: 'get',
  access: 'create',
  http: 'get',
  helmRelease: 'list',
}

const resources: Readonly<Record<Exclude<Operation, 'get' | 'list' | 'count'>, string>> = {
  version: '/version',
  resources: '/apis',
  logs: 'pods/log',
  access: 'subjectaccessreviews.authorization.k8s.io',
  http: 'pods/proxy',
  helmRelease: 'secrets',
}

const notRecorded = (op: Operation, query: unknown): Read<never> => {
  const fields = isRecord(query) ? query : {}
  const text = (name: string) => (typeof fields[name] === 'string' ? { [name]: fields[name] } : {})
  const resource =
    op === 'get' || op === 'list' || op === 'count'
      ? resourceName(query as Parameters<typeof resourceName>[0])
      : resources[op]
  const asked = { verb: verbs[op], resource, ...text('namespace'), ...text('name') }
  return unavailable(asked, 'not-recorded', 'the snapshot did not record this')
}
