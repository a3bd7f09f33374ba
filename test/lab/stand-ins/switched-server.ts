import type { Server, Socket } from 'node:net'
import { readSwitch } from './switches.ts'

/** Opens and closes the port as the switch says, and drops open connections with it: keep-alive would hide it. */
export function listenAsSwitched(server: Server, port: number, address: string): void {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const follow = () => {
    const wanted = readSwitch('dynamo-operator.listen') !== 'no'
    if (wanted && !server.listening) server.listen(port, address)
    if (!wanted && server.listening) {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
  }
  follow()
  setInterval(follow, 250)
}
