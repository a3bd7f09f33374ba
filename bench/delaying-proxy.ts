import net from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

interface DelayingProxy {
  readonly port: number
  /** Bytes that have come from the server so far. */
  readonly received: () => number
  readonly close: () => void
}

/** A TCP proxy on loopback that holds back what passes, in each direction, by half of a round trip. */
export const delayingProxy = async (
  { host, port }: { readonly host: string; readonly port: number },
  roundTripMs: number,
): Promise<DelayingProxy> => {
  // A timer is up to a millisecond late.
  const delayMs = Math.max(0, Math.floor(roundTripMs / 2 - 0.5))
  let received = 0
  const server = net.createServer({ noDelay: true }, client => {
    const upstream = net.connect({ host, port, noDelay: true })
    upstream.on('data', chunk => {
      received += chunk.length
    })
    pass(client, upstream, delayMs)
    pass(upstream, client, delayMs)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as net.AddressInfo).port, received: () => received, close: () => server.close() }
}

/** Each piece is sent on when its time has come, and none before the one it follows. */
const pass = (from: net.Socket, to: net.Socket, delayMs: number): void => {
  let last: Promise<unknown> = Promise.resolve()
  const later = (act: () => void): void => {
    last = Promise.all([last, delayMs > 0 && wait(delayMs)]).then(act)
  }
  from.on('data', chunk => later(() => to.writable && to.write(chunk)))
  from.on('close', () => later(() => to.end()))
  from.on('error', () => to.destroy())
}
