import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { stringify } from 'yaml'
import { apiServer } from '../lab/layout.ts'
import { pki } from '../lab/pki.ts'

/** What becomes of a write: it never arrives, its answer never comes back, or it arrives with a token that is none. */
export type Interference = 'lost' | 'unanswered' | 'without its token'

export interface InterferingServer {
  /** A kubeconfig that leads to it, with this token. */
  kubeconfig(token: string): string
  close(): void
}

/**
 * Stands before the lab's API server and passes on what it is asked. With the writes that are no dry run, counted from
 * 1, it does what it is told. What needs a WebSocket does not get through.
 */
export const interfere = async (atWrite: (count: number) => Interference | undefined): Promise<InterferingServer> => {
  let writes = 0
  const server = http.createServer((request, response) => {
    const interference = isWrite(request) ? atWrite(++writes) : undefined
    if (interference === 'lost') {
      request.socket.destroy()
      return
    }
    const headers = interference === 'without its token' ? { authorization: 'Bearer expired' } : {}
    const { method, url = '/' } = request
    const onward = https.request(
      new URL(url, apiServer.url),
      {
        ca: readFileSync(pki.ca),
        headers: { ...request.headers, host: `${apiServer.host}:${apiServer.port}`, ...headers },
        ...(method ? { method } : {}),
      },
      answer => {
        if (interference === 'unanswered') {
          answer.resume().on('end', () => request.socket.destroy())
          return
        }
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    onward.on('error', () => request.socket.destroy())
    request.pipe(onward)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    kubeconfig: token =>
      stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'lab', cluster: { server: `http://127.0.0.1:${port}` } }],
        users: [{ name: 'admin', user: { token } }],
        contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'admin' } }],
        'current-context': 'lab',
      }),
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

const isWrite = ({ method, url = '' }: http.IncomingMessage): boolean =>
  method !== 'GET' && !url.includes('dryRun=') && !url.includes('accessreviews')
