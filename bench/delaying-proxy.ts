import net from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

export interface DelayingProxy {
  readonly port: number
  /** Bytes that came from the server since the proxy was started. */
  readonly received: () => number
  readonly close: () => void
}

/** A TCP proxy on loopback that holds back what passes, in each direction, by half of a round trip. */
export const delayingProxy = async (
  to: { readonly host: string; readonly port: number },
  roundTripMs: number,
): Promise<DelayingProxy> => {
  let received = 0
  const server = net.createServer({ noDelay: true }, client => {
    const upstream = net.connect({ ...to, noDelay: true })
    pass(client, upstream, roundTripMs / 2, () => {})
    pass(upstream, client, roundTripMs / 2, bytes => {
      received += bytes
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return { port: address.port, received: () => received, close: () => server.close() }
}

/** Each piece is sent on when its time has come; pieces overtake none before them. */
const pass = (from: net.Socket, to: net.Socket, delayMs: number, count: (bytes: number) => void): void => {
  let last: Promise<unknown> = Promise.resolve()
  const later = (act: () => void): void => {
    const due = delayMs > 0 ? wait(delayMs) : Promise.resolve()
    last = Promise.all([last, due]).then(act)
  }
  from.on('data', chunk => {
    count(chunk.length)
    later(() => to.writable && to.write(chunk))
  })
  from.on('end', () => later(() => to.end()))
  from.on('error', () => to.destroy())
  from.on('close', () => later(() => to.end()))
}
