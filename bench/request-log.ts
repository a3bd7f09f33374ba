import { readFileSync } from 'node:fs'
import https from 'node:https'
import type net from 'node:net'
import tls from 'node:tls'

export interface LoggedRequest {
  readonly method: string
  readonly path: string
  readonly body: string
  readonly accept: string
  /** Milliseconds on the proxy's clock. */
  readonly started: number
  readonly ended: number
}

export interface RequestLog {
  readonly port: number
  readonly requests: () => readonly LoggedRequest[]
  readonly close: () => void
}

/**
 * A proxy that ends TLS with the lab's own certificate and writes down what passes: which requests, and which of them
 * were under way at the same time. Every request is held back by a round trip, so that rounds can be told apart.
 */
export const requestLog = async (
  to: { readonly host: string; readonly port: number },
  pki: { readonly certificate: string; readonly key: string; readonly ca: string },
  roundTripMs: number,
): Promise<RequestLog> => {
  const requests: LoggedRequest[] = []
  const ca = readFileSync(pki.ca)
  const agent = new https.Agent({ keepAlive: true, ca })
  const server = https.createServer(
    { cert: readFileSync(pki.certificate), key: readFileSync(pki.key) },
    (request, response) => {
      const started = performance.now()
      const chunks: Buffer[] = []
      request.on('data', chunk => chunks.push(chunk))
      request.on('end', () => {
        const body = Buffer.concat(chunks)
        const options = { ...to, agent, method: request.method, path: request.url, headers: request.headers }
        const upstream = https.request(options, answer => {
          setTimeout(() => {
            response.writeHead(answer.statusCode ?? 502, answer.headers)
            answer.pipe(response)
            answer.on('end', () =>
              log(request.method ?? '', request.url ?? '', body.toString(), request.headers.accept ?? '', started),
            )
          }, roundTripMs)
        })
        upstream.on('error', () => response.destroy())
        upstream.end(body)
      })
    },
  )
  const log = (method: string, path: string, body: string, accept: string, started: number) =>
    requests.push({ method, path, body, accept, started, ended: performance.now() })
  server.on('upgrade', (request, client: net.Socket) => {
    const started = performance.now()
    const upstream = tls.connect({ ...to, ca, ALPNProtocols: ['http/1.1'] }, () => {
      const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`)
      upstream.write(`${request.method} ${request.url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
      client.pipe(upstream).pipe(client)
    })
    const end = () => client.destroy() && upstream.destroy()
    upstream.on('error', end)
    client.on('error', end)
    client.on('close', () => log('UPGRADE', request.url ?? '', '', '', started))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return {
    port: address.port,
    requests: () => [...requests].sort((a, b) => a.started - b.started),
    close: () => {
      server.close()
      server.closeAllConnections()
      agent.destroy()
    },
  }
}

/** How many requests had to wait for one another, at the longest: each is one deeper than those that ended before it began. */
export const roundsOf = (requests: readonly LoggedRequest[]): readonly (readonly LoggedRequest[])[] => {
  const rounds: LoggedRequest[][] = []
  const depths = new Map<LoggedRequest, number>()
  for (const request of requests) {
    const before = requests.filter(other => other.ended <= request.started).map(other => depths.get(other) ?? 0)
    const depth = Math.max(-1, ...before) + 1
    depths.set(request, depth)
    rounds[depth] = [...(rounds[depth] ?? []), request]
  }
  return rounds
}
