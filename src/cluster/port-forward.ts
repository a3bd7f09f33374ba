import http from 'node:http'
import https from 'node:https'
import { Duplex } from 'node:stream'
import tls from 'node:tls'
import type { ApiServer } from './kubeconfig.ts'

/** The API server refused, or could not set up, a port-forward. */
export class PortForwardRefused extends Error {
  readonly status: number | undefined

  constructor(message: string, status: number | undefined, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}

/** What speaks WebSocket, loaded by the first call. */
export const webSockets = () => import('@kubernetes/client-node/dist/web-socket-handler.js')

/**
 * Opens one connection to a port of a pod, as `kubectl port-forward` does, without a local port.
 * client-node's PortForward loads every generated API type for it; its WebSocketHandler alone does the same work.
 * @throws PortForwardRefused
 */
export const openPortForward = async (
  server: ApiServer,
  { namespace, name, port }: { readonly namespace: string; readonly name: string; readonly port: number },
  deadline: AbortSignal,
): Promise<Duplex> => {
  const { WebSocketHandler } = await webSockets()
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/portforward?ports=${port}`
  const nothing = { stdin: new Duplex(), stdout: new Duplex(), stderr: new Duplex() }
  const handler = new WebSocketHandler(withHeaders(server), undefined, nothing as never)
  const tunnel = newTunnel()
  const connecting = handler.connect(path, null, (stream, data) => tunnel.receive(stream, data))
  try {
    tunnel.attach(await orAbort(connecting, deadline))
  } catch (cause) {
    if (deadline.aborted)
      connecting.then(
        socket => socket.terminate(),
        () => undefined,
      )
    throw refusedBecause(cause)
  }
  return tunnel.duplex
}

/**
 * An agent all of whose connections are port-forwards to one pod. The pod's certificate is not judged, as the API
 * server's own proxy does not: it never names the tunnel's end.
 */
export const portForwardAgent = (scheme: 'http' | 'https', open: () => Promise<Duplex>): http.Agent => {
  const agent = new (scheme === 'https' ? https : http).Agent({ keepAlive: false, maxSockets: 4 })
  agent.createConnection = (_options, callback) => {
    open().then(
      tunnel =>
        callback?.(null, scheme === 'https' ? tls.connect({ socket: tunnel, rejectUnauthorized: false }) : tunnel),
      (error: Error) => callback?.(error, new Duplex()),
    )
    return undefined
  }
  return agent
}

/** The part of `ws` that is used. `close` would wait half a minute for a server that does not say goodbye. */
interface Socket {
  send(data: Buffer): void
  terminate(): void
  addEventListener(event: 'close', listener: () => void): void
}

/** Each stream begins with two bytes, the port. Stream 0 carries data, stream 1 the kubelet's complaint. */
const newTunnel = () => {
  const unread = new Set([0, 1])
  let socket: Socket | undefined
  const duplex = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      socket?.send(Buffer.concat([Buffer.of(0), chunk]))
      done()
    },
    destroy(error, done) {
      socket?.terminate()
      done(error)
    },
  })
  return {
    duplex,
    attach: (opened: Socket) => {
      socket = opened
      opened.addEventListener('close', () => duplex.push(null))
    },
    receive: (stream: number, data: Buffer): boolean => {
      const body = unread.delete(stream) ? data.subarray(2) : data
      if (stream === 0) duplex.push(body.length > 0 ? body : Buffer.alloc(0))
      else if (body.length > 0) duplex.destroy(new PortForwardRefused(body.toString('utf8'), undefined))
      return true
    },
  }
}

/** The same configuration, with impersonation and plugin tokens that client-node does not know of. */
const withHeaders = ({ config, headers, agent }: ApiServer) =>
  Object.assign(Object.create(config) as typeof config, {
    applyToHTTPSOptions: async (options: { headers?: unknown; agent?: unknown }) => {
      options.headers = headers
      options.agent = agent
    },
  })

const orAbort = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })

/** ws says "Unexpected server response: 403". */
const refusedBecause = (cause: unknown): Error => {
  if (cause instanceof Error && cause.name === 'TimeoutError') return cause
  const message =
    typeof cause === 'object' && cause !== null && 'message' in cause ? String(cause.message) : String(cause)
  const status = /response: (\d{3})/.exec(message)?.[1]
  return new PortForwardRefused(message, status === undefined ? undefined : Number(status), { cause })
}
