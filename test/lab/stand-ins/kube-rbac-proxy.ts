/** Stands for the kube-rbac-proxy of the 0.9 charts: TLS in front of plain HTTP, /metrics exempt from every check. */
import http from 'node:http'
import { listenAsSwitched } from './switched-server.ts'
import { goTlsServer } from './tls-server.ts'

const flag = (name: string) => process.argv.find(arg => arg.startsWith(`--${name}=`))?.split('=')[1] ?? ''
const ignored = flag('ignore-paths').split(',')
const upstream = flag('upstream')

const server = goTlsServer((call, response) => {
  const path = (call.url ?? '/').split('?')[0] ?? '/'
  if (!ignored.includes(path)) {
    response.writeHead(401).end('Unauthorized\n')
    return
  }
  const forwarded = http.get(new URL(call.url ?? '/', upstream), answer => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  forwarded.on('error', () => response.writeHead(502).end())
})

listenAsSwitched(server, Number(flag('secure-listen-address').split(':')[1]), '0.0.0.0')
