/**
 * Stands for the Dynamo operator's process. From 1.0 on: HTTPS on :8080, guarded by TokenReview and
 * SubjectAccessReview as controller-runtime guards it, but without its caches, so that a changed right shows at the
 * next scrape. Up to 0.9: plain HTTP on a loopback address given by flag, behind kube-rbac-proxy.
 */
import fs from 'node:fs'
import http from 'node:http'
import { inClusterClient, request } from '../kube-client.ts'
import { type Families, metricsText } from './dynamo-metrics-text.ts'
import { inhabited, inventory, keepInventory } from './inventory.ts'
import { competeForLease } from './leader.ts'
import { listenAsSwitched } from './switched-server.ts'
import { readSwitch } from './switches.ts'
import { passTime, type Tally } from './tally.ts'
import { goTlsServer } from './tls-server.ts'

interface UserInfo {
  readonly username: string
  readonly uid?: string
  readonly groups?: readonly string[]
}

const startedAt = performance.now()
const lease = 'dynamo-operator-leader'
const admitted: Tally = new Map()
/** What happened while this replica led; undefined: it does not, for the real one would have ended and begun anew. */
let reconciled: Tally | undefined
const leads = competeForLease(lease, () => {
  reconciled = undefined
})
let lookedAt = startedAt
setInterval(() => {
  const [rate = 0, until = 0] = (readSwitch('dynamo-operator.load') ?? '').split(' ').map(Number)
  count(Date.now() / 1000 < until ? Math.round(rate * (1 + Math.sin(performance.now() / 15_000) / 2)) : 0)
}, 1000).unref()
const contentType = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'
const version = process.argv.find(arg => arg.startsWith('--version='))?.slice('--version='.length) ?? ''
keepInventory(version)
const loopback = process.argv.map(arg => /^--metrics-bind-address=(127\.[\d.]+):(\d+)$/.exec(arg)).find(Boolean)

if (loopback) listenAsSwitched(http.createServer(serveMetrics), Number(loopback[2]), loopback[1] ?? '')
else if (fs.existsSync('/etc/dynamo-operator')) listenAsSwitched(goTlsServer(serveGuarded), 8080, '0.0.0.0')
http.createServer((_, response) => response.end('ok')).listen(8081, '0.0.0.0')
log('info', 'setup', 'starting manager')

async function serveGuarded(call: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const told = readSwitch('dynamo-operator.answer')
  if (told === 'no') return
  if (told !== undefined) return end(response, Number(told), 'no healthy upstream\n')
  if (pathOf(call) !== '/metrics') return end(response, 404, '404 page not found\n')
  const token = /^Bearer (.+)$/.exec(call.headers.authorization ?? '')?.[1]
  if (!token) return end(response, 401, 'Unauthorized\n')
  try {
    const user = await authenticate(token)
    if (!user) return end(response, 500, 'Authentication failed\n')
    const reason = await refusal(user, call)
    if (reason) return end(response, 403, reason)
    serveMetrics(call, response)
  } catch (error) {
    log('error', 'metrics', `Authentication failed: ${(error as Error).message}`)
    end(response, 500, 'Authentication failed\n')
  }
}

async function authenticate(token: string): Promise<UserInfo | undefined> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } }
  const url = '/apis/authentication.k8s.io/v1/tokenreviews'
  const { status } = await request<{ status: { authenticated?: boolean; user: UserInfo } }>(
    inClusterClient(),
    'POST',
    url,
    review,
  )
  return status.authenticated ? status.user : undefined
}

async function refusal(user: UserInfo, call: http.IncomingMessage): Promise<string | undefined> {
  const nonResourceAttributes = { path: pathOf(call), verb: (call.method ?? 'GET').toLowerCase() }
  const spec = { user: user.username, uid: user.uid, groups: user.groups, nonResourceAttributes }
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec }
  const url = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
  const { status } = await request<{ status: { allowed: boolean } }>(inClusterClient(), 'POST', url, review)
  return status.allowed ? undefined : `Authorization denied for user ${user.username}\n`
}

/** Up to now, with so many events besides. */
function count(load: number): void {
  const now = performance.now()
  const seconds = (now - lookedAt) / 1000
  lookedAt = now
  passTime(admitted, inhabited(), seconds, load)
  if (!leads()) return
  reconciled ??= new Map()
  passTime(reconciled, inhabited(), seconds, load)
}

function serveMetrics(call: http.IncomingMessage, response: http.ServerResponse): void {
  if (readSwitch('dynamo-operator.answer') === 'no') return
  if (pathOf(call) === '/metrics') {
    const families = (readSwitch('dynamo-operator.families') ?? 'all') as Families
    if (readSwitch('dynamo-operator.content-type') !== 'none') response.setHeader('content-type', contentType)
    count(0)
    const activity = {
      seconds: (performance.now() - startedAt) / 1000,
      admitted: [...admitted.values()],
      reconciled: reconciled && [...reconciled.values()],
      leads: leads(),
      inventory: inventory(),
    }
    response.end(metricsText(families, activity, version))
  } else {
    end(response, 404, '404 page not found\n')
  }
}

function end(response: http.ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' })
  response.end(text)
}

function log(level: string, logger: string, msg: string): void {
  process.stdout.write(`${JSON.stringify({ level, ts: new Date().toISOString(), logger, msg })}\n`)
}

function pathOf(call: http.IncomingMessage): string {
  return (call.url ?? '/').split('?')[0] ?? '/'
}
