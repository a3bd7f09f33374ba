import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { names } from '../lab/api.ts'
import { addressOfPod } from '../lab/ask.ts'

export interface MimirFront {
  readonly url: string
  /** The header without which it answers nobody. */
  readonly tenant: string
  readonly end: () => void
}

/** What Mimir serves of Prometheus's API, beneath its prefix; it scrapes nothing, so there are no targets to tell of. */
const served = /^\/prometheus(\/api\/v1\/(?:query|query_range|series|labels|label\/[^/]+\/values|metadata)(?:\?.*)?)$/

/** Stands for Grafana Mimir as its clients see it, before the lab's real Prometheus, which answers what it serves. */
export const startMimirFront = async (): Promise<MimirFront> => {
  const behind = `http://${await addressOfPod(names.prometheusPod)}:9090`
  const server = http.createServer(async ({ url = '', headers }, response) => {
    const path = served.exec(url)?.[1]
    const refuse = (status: number, words: string) => void response.writeHead(status, plain).end(`${words}\n`)
    if (path === undefined) return refuse(404, '404 page not found')
    if (headers['x-scope-orgid'] !== 'ml') return refuse(401, 'no org id')
    const answer = await fetch(behind + path, { headers: { connection: 'close' } })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/prometheus`,
    tenant: 'X-Scope-OrgID: ml',
    end: () => server.close().closeAllConnections(),
  }
}

const plain = { 'content-type': 'text/plain; charset=utf-8' }
