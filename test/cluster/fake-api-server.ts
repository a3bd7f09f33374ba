import { createHash } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { matchesLabelQuery } from '../../src/kubernetes/label-query.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'

/** A program behind the pod proxy and the port-forward, by `namespace/pod:port`. */
export type PodProgram = (request: { readonly path: string; readonly authorization: string | undefined }) => {
  readonly status: number
  readonly body: string
}

export interface FakeApiServerOptions {
  readonly objects: readonly KubernetesObject[]
  /** Plurals that are served although no object of theirs is there, as `GROUP/VERSION/RESOURCE` (core: `v1/pods`). */
  readonly served?: readonly string[]
  /** What these credentials may not: `verb resource namespace`, e.g. `list secrets `, `get pods/proxy observability`. */
  readonly forbidden?: (action: string) => boolean
  /** Answers of SubjectAccessReviews; default: everything is allowed. */
  readonly allows?: (spec: Readonly<Record<string, unknown>>) => boolean
  readonly logs?: Readonly<Record<string, string>>
  readonly programs?: Readonly<Record<string, PodProgram>>
  readonly date?: string
  /** Intercepts a request: returns true where it answered itself (HTML, a reset, nothing at all...). */
  readonly misbehave?: (request: IncomingMessage, response: ServerResponse) => boolean
  /** Knows no PartialObjectMetadata, and answers with whole objects. */
  readonly ignoresMetadataOnly?: boolean
}

export interface FakeApiServer {
  readonly url: string
  /** A kubeconfig file whose context `lab-eu` leads here, with the namespace `inference`. */
  readonly kubeconfig: string
  /** `METHOD path` of all requests so far. */
  readonly requests: readonly string[]
  readonly headers: readonly http.IncomingHttpHeaders[]
  close(): Promise<void>
}

/**
 * An API server for tests: plain HTTP on 127.0.0.1, honest about label and field selectors, pages and continue tokens,
 * partial metadata, managed fields, refusals, 404s of objects and of kinds, the pod proxy (which drops Authorization)
 * and port-forward. Items of lists lack kind and apiVersion, as the real one's do.
 */
export const startFakeApiServer = async (options: FakeApiServerOptions): Promise<FakeApiServer> => {
  const requests: string[] = []
  const headers: http.IncomingHttpHeaders[] = []
  const server = http.createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    headers.push(request.headers)
    if (!options.misbehave?.(request, response)) void answer(options, request, response)
  })
  const tunnels: Duplex[] = []
  server.on('upgrade', (request, socket) => {
    tunnels.push(socket)
    requests.push(`UPGRADE ${request.url}`)
    headers.push(request.headers)
    portForward(options, request, socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    kubeconfig: writeKubeconfig(url),
    requests,
    headers,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
        for (const tunnel of tunnels) tunnel.destroy()
      }),
  }
}

/** Writes a kubeconfig with the context `lab-eu` and returns its path. `user` is the YAML of the user. */
export const writeKubeconfig = (server: string, user = '{ token: t0ken }'): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'fake-api-server-')), 'kubeconfig')
  writeFileSync(
    file,
    `apiVersion: v1
kind: Config
current-context: lab-eu
clusters: [{ name: lab, cluster: { server: '${server}' } }]
users: [{ name: reader, user: ${user} }]
contexts: [{ name: lab-eu, context: { cluster: lab, user: reader, namespace: inference } }]
`,
  )
  return file
}

interface Target {
  readonly apiVersion: string
  readonly namespace: string | undefined
  readonly resource: string
  readonly name: string | undefined
  readonly subresource: string | undefined
  readonly rest: string
}

const targetPattern =
  /^\/(?:api|apis)\/((?:[^/]+\.[^/]+|apps|batch|authorization\.k8s\.io)\/[^/]+|v1)(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?(.*)$/

const parseTarget = (pathname: string): Target | undefined => {
  const [, apiVersion, namespace, resource, name, subresource, rest] = targetPattern.exec(pathname) ?? []
  return apiVersion && resource ? { apiVersion, namespace, resource, name, subresource, rest: rest ?? '' } : undefined
}

const answer = async (
  options: FakeApiServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const url = new URL(request.url ?? '/', 'http://fake')
  response.setHeader('Date', options.date ?? 'Mon, 02 Mar 2026 10:00:00 GMT')
  if (url.pathname === '/version') return send(response, 200, { major: '1', minor: '35', gitVersion: 'v1.35.4' })
  if (url.pathname.endsWith('/subjectaccessreviews')) return review(options, request, response)
  const groupVersion = /^\/(?:api|apis)\/((?:[^/]+\/)?v[0-9][^/]*)$/.exec(url.pathname)?.[1]
  if (groupVersion) return discovery(options, groupVersion, response)
  const target = parseTarget(url.pathname)
  if (!target || !isServed(options, target)) return notFoundPage(response)
  const action = `${target.name ? 'get' : 'list'} ${[target.resource, target.subresource].filter(Boolean).join('/')} ${target.namespace ?? ''}`
  if (options.forbidden?.(action)) return forbid(response, action)
  if (target.subresource === 'log') return log(options, target, url, response)
  if (target.subresource === 'proxy') return proxy(options, target, url, response)
  if (target.name) return getOne(options, target, request, response)
  return listAll(options, target, url, request, response)
}

const pluralOf = (kind: string): string => {
  const word = kind.toLowerCase()
  if (word.endsWith('y')) return `${word.slice(0, -1)}ies`
  return word.endsWith('s') ? `${word}es` : `${word}s`
}

const servedNames = ({ objects, served = [] }: FakeApiServerOptions): ReadonlySet<string> =>
  new Set([
    ...objects.map(({ apiVersion, kind }) => `${apiVersion}/${pluralOf(kind)}`),
    ...served,
    'v1/pods',
    'v1/secrets',
    'v1/configmaps',
  ])

const isServed = (options: FakeApiServerOptions, { apiVersion, resource }: Target): boolean =>
  servedNames(options).has(`${apiVersion}/${resource}`)

const held = (
  { objects }: FakeApiServerOptions,
  { apiVersion, resource, namespace }: Target,
): readonly KubernetesObject[] =>
  objects.filter(
    object =>
      object.apiVersion === apiVersion &&
      pluralOf(object.kind) === resource &&
      (namespace === undefined || object.metadata.namespace === namespace),
  )

const getOne = (options: FakeApiServerOptions, target: Target, request: IncomingMessage, response: ServerResponse) => {
  const name = decodeURIComponent(target.name ?? '')
  const found = held(options, target).find(({ metadata }) => metadata.name === name)
  if (!found) return noSuchObject(response, target.resource, name)
  const partial = wantsPartial(options, request)
  send(
    response,
    200,
    partial ? { ...partialOf(found), kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' } : found,
  )
}

const listAll = (
  options: FakeApiServerOptions,
  target: Target,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
) => {
  const matching = held(options, target).filter(
    object =>
      matchesLabelQuery(url.searchParams.get('labelSelector') ?? '', object.metadata.labels) &&
      matchesFields(object, url.searchParams.get('fieldSelector') ?? ''),
  )
  const start = Number(url.searchParams.get('continue') ?? 0)
  const limit = Number(url.searchParams.get('limit') ?? matching.length) || matching.length
  const page = matching.slice(start, start + limit)
  const remaining = matching.length - start - limit
  const selects = url.searchParams.has('labelSelector') || url.searchParams.has('fieldSelector')
  const next =
    remaining > 0 ? { continue: String(start + limit), ...(selects ? {} : { remainingItemCount: remaining }) } : {}
  const partial = wantsPartial(options, request)
  send(response, 200, {
    kind: partial ? 'PartialObjectMetadataList' : 'SomeList',
    apiVersion: partial ? 'meta.k8s.io/v1' : target.apiVersion,
    metadata: { resourceVersion: '4711', ...next },
    items: page.map(object => (partial ? partialOf(object) : bare(object))),
  })
}

const matchesFields = (object: KubernetesObject, selector: string): boolean =>
  selector === '' ||
  selector.split(',').every(part => {
    const [path = '', value] = part.split('=')
    const actual = path
      .split('.')
      .reduce<unknown>(
        (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
        object,
      )
    return String(actual ?? '') === value
  })

const wantsPartial = ({ ignoresMetadataOnly }: FakeApiServerOptions, { headers }: IncomingMessage): boolean =>
  !ignoresMetadataOnly && /;as=PartialObjectMetadata(?:List)?;g=meta\.k8s\.io;v=v1\b/.test(headers.accept ?? '')

const partialOf = ({ metadata }: KubernetesObject) => ({ metadata })

const bare = ({ apiVersion: _version, kind: _kind, ...rest }: KubernetesObject) => rest

const discovery = (options: FakeApiServerOptions, groupVersion: string, response: ServerResponse) => {
  const names = [...servedNames(options)].flatMap(name =>
    name.startsWith(`${groupVersion}/`) ? [name.slice(groupVersion.length + 1)] : [],
  )
  if (names.length === 0) return notFoundPage(response)
  send(response, 200, {
    kind: 'APIResourceList',
    groupVersion,
    resources: names.flatMap(name => [{ name }, { name: `${name}/status` }]),
  })
}

const review = async (
  { allows, forbidden }: FakeApiServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  if (forbidden?.('create subjectaccessreviews ')) return forbid(response, 'create subjectaccessreviews ')
  let text = ''
  for await (const chunk of request) text += String(chunk)
  const { spec } = JSON.parse(text) as { spec: Record<string, unknown> }
  const allowed = allows?.(spec) ?? true
  send(response, 201, {
    kind: 'SubjectAccessReview',
    status: { allowed, ...(allowed ? { reason: 'RBAC: allowed by a binding' } : {}) },
  })
}

const log = ({ logs = {} }: FakeApiServerOptions, { namespace, name }: Target, url: URL, response: ServerResponse) => {
  const key = `${namespace}/${name}/${url.searchParams.get('container')}`
  const text = logs[key]
  if (text === undefined) return status(response, 400, 'BadRequest', `container in pod "${name}" is waiting to start`)
  const lines = text
    .trimEnd()
    .split('\n')
    .slice(-Number(url.searchParams.get('tailLines')))
  response.end(`${lines.join('\n')}\n`)
}

const proxy = ({ programs = {} }: FakeApiServerOptions, target: Target, url: URL, response: ServerResponse) => {
  const pod = (target.name ?? '').replace(/^https:/, '')
  const program = programs[`${target.namespace}/${pod}`]
  if (!program)
    return status(
      response,
      503,
      'ServiceUnavailable',
      'error trying to reach service: dial tcp 10.0.0.9:9090: i/o timeout',
    )
  const { status: code, body } = program({ path: `${target.rest}${url.search}`, authorization: undefined })
  response.statusCode = code
  response.end(body)
}

const send = (response: ServerResponse, code: number, body: unknown) => {
  response.statusCode = code
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify(body))
}

const status = (response: ServerResponse, code: number, reason: string, message: string, details?: unknown) =>
  send(response, code, {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    message,
    reason,
    code,
    ...(details ? { details } : {}),
  })

const forbid = (response: ServerResponse, action: string) => {
  const [verb, resource] = action.split(' ')
  status(response, 403, 'Forbidden', `${resource} is forbidden: User "reader" cannot ${verb} resource "${resource}"`)
}

const noSuchObject = (response: ServerResponse, resource: string, name: string) =>
  status(response, 404, 'NotFound', `${resource} "${name}" not found`, { name, kind: resource })

const notFoundPage = (response: ServerResponse) => {
  response.statusCode = 404
  response.setHeader('Content-Type', 'text/plain')
  response.end('404 page not found\n')
}

/** WebSocket with v4.channel.k8s.io: a channel byte before each message, two bytes of port before a stream's first. */
const portForward = ({ forbidden, programs = {} }: FakeApiServerOptions, request: IncomingMessage, socket: Duplex) => {
  const url = new URL(request.url ?? '/', 'http://fake')
  const target = parseTarget(url.pathname)
  const program = programs[`${target?.namespace}/${target?.name}:${url.searchParams.get('ports')}`]
  socket.on('error', () => undefined)
  if (!target || !program || forbidden?.(`create pods/portforward ${target.namespace}`)) {
    socket.end(
      `HTTP/1.1 ${program ? '403 Forbidden' : '500 Internal Server Error'}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    )
    return
  }
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n`,
  )
  const port = Buffer.of(90, 35)
  socket.write(frame(Buffer.concat([Buffer.of(0), port])))
  socket.write(frame(Buffer.concat([Buffer.of(1), port])))
  let received = ''
  socket.on('data', (data: Buffer) => {
    received += unmask(data)
    if (!received.includes('\r\n\r\n')) return
    const path = /^GET (\S+)/.exec(received)?.[1] ?? ''
    const authorization = /^authorization: (.*)\r$/im.exec(received)?.[1]
    const { status: code, body } = program({ path, authorization })
    socket.write(
      frame(
        Buffer.from(
          `\0HTTP/1.1 ${code} Said\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
        ),
      ),
    )
    received = ''
  })
}

const frame = (payload: Buffer): Buffer =>
  Buffer.concat([
    payload.length < 126
      ? Buffer.of(0x82, payload.length)
      : Buffer.of(0x82, 126, payload.length >> 8, payload.length & 255),
    payload,
  ])

/** Payload of a client's binary frames, without their channel byte. Enough for requests of under 64 KB. */
const unmask = (data: Buffer): string => {
  let text = ''
  for (let at = 0; at + 6 <= data.length; ) {
    const short = (data[at + 1] ?? 0) & 127
    const [size, head] = short === 126 ? [data.readUInt16BE(at + 2), 4] : [short, 2]
    const mask = data.subarray(at + head, at + head + 4)
    const payload = data
      .subarray(at + head + 4, at + head + 4 + size)
      .map((byte, index) => byte ^ (mask[index % 4] ?? 0))
    if ((data[at] ?? 0) === 0x82 || (data[at] ?? 0) === 0) text += Buffer.from(payload.subarray(1)).toString('latin1')
    at += head + 4 + size
  }
  return text
}
