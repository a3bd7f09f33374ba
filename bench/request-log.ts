import { readFileSync } from 'node:fs'
import https from 'node:https'
import type net from 'node:net'
import tls from 'node:tls'
import { apiServer } from '../test/lab/layout.ts'
import { pki } from '../test/lab/pki.ts'
import { outputOf } from './measure.ts'
import { doctor, kubeconfigFor } from './programs.ts'

export interface LoggedRequest {
  /** One connection through a port-forward, from its opening to its end, is one request: it carries one. */
  readonly kind: 'request' | 'port-forward'
  readonly method: string
  readonly path: string
  readonly body: string
  readonly accept: string
  /** Milliseconds, on the clock of this process. */
  readonly started: number
  readonly ended: number
}

/** What the doctor asks of the healthy lab, seen from outside, by a proxy between the two. */
export const recordRequests = async (folder: string): Promise<readonly LoggedRequest[]> => {
  const log = await openLog()
  try {
    await outputOf(doctor(kubeconfigFor(log.port, folder)))
    return log.requests()
  } finally {
    log.close()
  }
}

/**
 * The requests by how many others they had to wait for, one after the other: each is one deeper than the deepest that
 * had ended before it began.
 */
export const roundsOf = (requests: readonly LoggedRequest[]): readonly (readonly LoggedRequest[])[] => {
  const rounds: LoggedRequest[][] = []
  const depths = new Map<LoggedRequest, number>()
  for (const request of requests.toSorted((a, b) => a.started - b.started)) {
    const before = requests.filter(other => other.ended <= request.started).map(other => depths.get(other) ?? 0)
    const depth = Math.max(-1, ...before) + 1
    depths.set(request, depth)
    rounds[depth] = [...(rounds[depth] ?? []), request]
  }
  return rounds
}

/**
 * Each answer is held back by this much, far more than the doctor needs to think, so that rounds stand apart; what comes
 * out of a port-forward as well, for there are requests that wait for it.
 */
const heldBackMs = 400

interface RequestLog {
  readonly port: number
  readonly requests: () => readonly LoggedRequest[]
  readonly close: () => void
}

/** A proxy that ends TLS with the lab's own certificate and writes down what passes. */
const openLog = async (): Promise<RequestLog> => {
  const requests: LoggedRequest[] = []
  const begin = (request: Omit<LoggedRequest, 'started' | 'ended'>) => {
    const started = performance.now()
    return () => requests.push({ ...request, started, ended: performance.now() })
  }
  const ca = readFileSync(pki.ca)
  const agent = new https.Agent({ keepAlive: true, ca })
  const server = https.createServer({ cert: readFileSync(pki.serverCertificate), key: readFileSync(pki.serverKey) })
  server.on('request', async (incoming, outgoing) => {
    const { method = '', url: path = '', headers } = incoming
    const body = Buffer.concat(await incoming.toArray())
    const end = begin({ kind: 'request', method, path, body: body.toString(), accept: headers.accept ?? '' })
    const upstream = https.request({ ...target, agent, method, path, headers }, answer => {
      setTimeout(() => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing).on('finish', end)
      }, heldBackMs)
    })
    upstream.on('error', () => outgoing.destroy())
    upstream.end(body)
  })
  server.on('upgrade', (incoming, client: net.Socket) => {
    const { method = '', url: path = '', headers } = incoming
    const end = begin({ kind: 'port-forward', method, path, body: '', accept: '' })
    const upstream = tls.connect({ ...target, ca, ALPNProtocols: ['http/1.1'] }, () => {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
      upstream.write(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
      client.pipe(upstream)
      upstream.on('data', chunk => setTimeout(() => client.write(chunk), heldBackMs))
      upstream.on('end', () => setTimeout(() => client.end(), heldBackMs))
    })
    client.on('close', () => {
      end()
      upstream.destroy()
    })
    for (const side of [client, upstream]) side.on('error', () => client.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    server.close()
    server.closeAllConnections()
    agent.destroy()
  }
  return { port: (server.address() as net.AddressInfo).port, requests: () => requests, close }
}

const target = { host: apiServer.host, port: apiServer.port }
