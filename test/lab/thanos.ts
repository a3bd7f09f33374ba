import fs from 'node:fs'
import path from 'node:path'
import { addressOfPod } from './ask.ts'
import { monitoring, send } from './cluster.ts'
import { names, network, stack, state } from './layout.ts'
import { ensureProcess, lastLogLines, stopProcess } from './processes.ts'
import { programOnDemand } from './programs.ts'
import { waitFor } from './wait.ts'

/** A real Thanos Query before the lab's Prometheus. It is no part of the healthy lab: what starts it ends it. */
export interface Thanos {
  readonly url: string
  /** Ends what holds the metrics, and leaves what answers. */
  loseStore(): Promise<void>
  end(): Promise<void>
}

const listen = {
  store: '127.0.0.1:10901',
  storeHttp: '127.0.0.1:10902',
  query: '127.0.0.1:10903',
  queryHttp: '127.0.0.1:10904',
  remoteWrite: `${network.host}:10908`,
}

/** Builds the program, which takes minutes the first time. */
export const buildThanos = (say: (line: string) => void): Promise<string> => programOnDemand('thanos', say)

/** Reads from the Prometheus as it is, and passes on what it says of its targets. */
export const thanosWithSidecar = async (): Promise<Thanos> =>
  start([
    'sidecar',
    `--prometheus.url=http://${await addressOfPod(names.prometheusPod)}:9090`,
    ...serving(listen.store, listen.storeHttp),
  ])

/** Has the Prometheus write to it: what answers knows of no target. `heal` takes the writing back. */
export const thanosReceiving = async (): Promise<Thanos> => {
  const folder = path.join(state, 'thanos')
  fs.rmSync(folder, { recursive: true, force: true })
  const thanos = await start([
    'receive',
    `--tsdb.path=${folder}`,
    `--remote-write.address=${listen.remoteWrite}`,
    '--label=lab="received"',
    ...serving(listen.store, listen.storeHttp),
  ])
  const spec = { remoteWrite: [{ url: `http://${listen.remoteWrite}/api/v1/receive` }] }
  const prometheus = monitoring(stack.namespace, 'prometheuses', names.prometheus)
  await send('PATCH', `${prometheus}?fieldManager=lab-thanos`, { spec }, 'application/merge-patch+json')
  return thanos
}

const [store, query] = ['thanos-store', 'thanos-query']

const start = async (holding: readonly string[]): Promise<Thanos> => {
  const command = await buildThanos(() => {})
  ensureProcess({ name: store, command, args: holding })
  const asking = ['query', `--endpoint=${listen.store}`, '--query.replica-label=prometheus_replica']
  ensureProcess({ name: query, command, args: [...asking, ...serving(listen.query, listen.queryHttp)] })
  const url = `http://${listen.queryHttp}`
  const ready = async () => (await fetch(`${url}/-/ready`)).ok
  await waitFor(ready, { what: 'Thanos to answer' }).catch(cause => {
    throw new Error([store, query].map(name => lastLogLines(name)).join('\n'), { cause })
  })
  return {
    url,
    loseStore: () => stopProcess(store),
    end: async () => {
      await stopProcess(query)
      await stopProcess(store)
    },
  }
}

const serving = (grpc: string, http: string) => [`--grpc-address=${grpc}`, `--http-address=${http}`]
