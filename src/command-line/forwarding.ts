import net from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'

export interface Forwarding {
  readonly port: number
  readonly close: () => void
}

export interface Connection {
  readonly tunnel: Duplex
  /** Whether the pod at the other end is still there. */
  readonly isThere: () => Promise<boolean>
}

export interface ForwardingOptions {
  /** Opens one connection to the pod that is there now. */
  readonly connect: () => Promise<Connection>
  /** Looks for a ready pod again; undefined where there is none yet. */
  readonly findAgain: () => Promise<string | undefined>
  readonly say: (line: string) => void
  /** Milliseconds before each further attempt. */
  readonly pauses?: readonly number[]
  /** Milliseconds without an answer after which a connection asks whether its pod is still there. */
  readonly patience?: number
}

/**
 * A port of loopback that leads to a pod, a port-forward each connection. Where the pod is gone another is looked for;
 * a connection for which none is found in time is closed, and the next one tries again.
 */
export const forward = async (wanted: number, options: ForwardingOptions): Promise<Forwarding> => {
  const findAgain = together(options)
  const server = net.createServer(client => {
    client.on('error', () => client.destroy())
    opened({ ...options, findAgain }).then(
      connection => {
        const { tunnel } = connection
        tunnel.on('error', () => client.destroy())
        client.on('close', () => tunnel.destroy())
        closeWhenGone(client, connection, options.patience ?? 3000)
        client.pipe(tunnel).pipe(client)
      },
      (error: Error) => {
        options.say(`No connection: ${error.message}`)
        client.destroy()
      },
    )
  })
  const port = await listening(server, wanted)
  return { port, close: () => server.close() }
}

/**
 * Whoever takes a pod's network away says no goodbye to what is connected to it, and a browser would wait for its answer
 * for minutes: where none comes, and the pod is not there any more, the connection is closed. It is asked again and again
 * as long as nothing comes, for the pod may go later.
 */
const closeWhenGone = (client: Duplex, { tunnel, isThere }: Connection, patience: number): void => {
  let waiting: NodeJS.Timeout | undefined
  const wait = () => {
    waiting ??= setTimeout(look, patience)
  }
  const calm = () => {
    clearTimeout(waiting)
    waiting = undefined
  }
  const look = async () => {
    const awaited = waiting
    if (!(await isThere())) client.destroy()
    if (waiting !== awaited || client.destroyed) return
    waiting = undefined
    wait()
  }
  client.on('data', wait).on('close', calm)
  tunnel.on('data', calm)
}

/** A browser has six connections: one search, told once, is for all that wait. */
const together = ({ findAgain, say }: ForwardingOptions): ForwardingOptions['findAgain'] => {
  let searching: Promise<string | undefined> | undefined
  const search = async (): Promise<string | undefined> => {
    const found = await findAgain()
    if (found !== undefined) say(`The connection was lost: now to ${found}.`)
    return found
  }
  return () => {
    searching ??= search().finally(() => {
      searching = undefined
    })
    return searching
  }
}

const someSeconds: readonly number[] = [500, 1000, 2000, 4000]

const opened = async (options: ForwardingOptions): Promise<Connection> => {
  let failure: unknown
  for (const milliseconds of [0, ...(options.pauses ?? someSeconds)]) {
    if (failure) {
      await pause(milliseconds)
      const found = await options.findAgain()
      if (found === undefined) continue
    }
    try {
      return await options.connect()
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

/** The wanted port where it is free, else any. */
const listening = (server: net.Server, wanted: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const listen = (port: number) =>
      server.listen(port, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port))
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return reject(error)
      server.once('error', reject)
      listen(0)
    })
    listen(wanted)
  })
