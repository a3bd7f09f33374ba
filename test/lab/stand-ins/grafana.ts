/**
 * Stands for Grafana: the read API and the two provisioning reloads, over the folders that the sidecars write.
 * It renders nothing, and keeps what is stored by the API in memory, until a file brings the same uid.
 */
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { parse } from 'yaml'
import { readSwitch } from './switches.ts'

interface Dashboard {
  readonly file: string
  readonly json: Readonly<Record<string, unknown>>
}

interface DataSource {
  readonly name: string
  readonly type: string
  readonly uid?: string
  readonly url?: string
  readonly isDefault?: boolean
}

interface Provider {
  readonly folder: string
  readonly seconds: number
}

type Answer = readonly [status: number, body: unknown]
type Role = 'Admin' | 'Viewer' | undefined

const provisioning = process.env.GF_PATHS_PROVISIONING ?? '/etc/grafana/provisioning'
const wrong: Answer = [401, { message: 'Invalid username or password', messageId: 'password-auth.failed' }]
let dashboards: readonly Dashboard[] = []
const stored = new Map<unknown, Dashboard['json']>()
let dataSources: readonly DataSource[] = []
/** A new start is over what went wrong before it. */
let isOver = readSwitch('grafana.refuse') !== undefined

loadDataSources()
loadDashboards()
for (const provider of providers()) setInterval(pollDashboards, provider.seconds * 1000)

http
  .createServer(async (call, response) => {
    const [status, body] = call.method === 'POST' && call.url === '/api/dashboards/db' ? await save(call) : answer(call)
    response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' })
    response.end(JSON.stringify(body))
  })
  .listen(3000, '0.0.0.0', () => log('info', 'http.server', 'HTTP Server Listen', { address: '[::]:3000' }))

function answer(call: http.IncomingMessage): Answer {
  const url = new URL(call.url ?? '/', 'http://grafana')
  if (url.pathname === '/api/health') return [200, { database: 'ok', version: '13.2.0', commit: 'stand-in' }]
  const role = roleOf(call.headers.authorization)
  if (!role) return wrong
  const uid = /^\/api\/dashboards\/uid\/([^/]+)$/.exec(url.pathname)?.[1]
  if (uid) return dashboard(decodeURIComponent(uid))
  if (url.pathname === '/api/search') return [200, search(url.searchParams)]
  if (role !== 'Admin') return [403, { message: "You'll need additional permissions to perform this action." }]
  const reload = /^\/api\/admin\/provisioning\/(dashboards|datasources)\/reload$/.exec(url.pathname)?.[1]
  if (reload && call.method === 'POST') return reloaded(reload)
  if (url.pathname === '/api/datasources')
    return [200, dataSources.map((source, index) => ({ id: index + 1, orgId: 1, readOnly: true, ...source }))]
  return [404, { message: 'Not found' }]
}

async function save(call: http.IncomingMessage): Promise<Answer> {
  if (roleOf(call.headers.authorization) !== 'Admin') return wrong
  const { dashboard: json } = JSON.parse(await text(call)) as { readonly dashboard: Dashboard['json'] }
  stored.set(json.uid, json)
  return [200, { status: 'success', uid: json.uid }]
}

/** What files bring, and what was stored otherwise. */
function shown(): readonly (Pick<Dashboard, 'json'> & { readonly file?: string })[] {
  for (const { json } of dashboards) stored.delete(json.uid)
  return [...dashboards, ...[...stored.values()].map(json => ({ json }))]
}

function dashboard(uid: string): Answer {
  const found = shown().findLast(({ json }) => json.uid === uid)
  if (!found) return [404, { message: 'Dashboard not found', status: 'not-found' }]
  const { file } = found
  const provisioned = file === undefined ? { provisioned: false } : { provisioned: true, provisionedExternalId: file }
  const meta = { type: 'db', slug: uid, url: `/d/${uid}/${uid}`, ...provisioned }
  const { panels } = found.json
  const altered = readSwitch('grafana.alter') === uid && Array.isArray(panels) ? { panels: panels.slice(0, -1) } : {}
  return [200, { meta, dashboard: { id: 1, version: 1, ...found.json, ...altered } }]
}

function search(query: URLSearchParams): unknown {
  const title = (query.get('query') ?? '').toLowerCase()
  const uids = query.getAll('dashboardUIDs')
  return shown()
    .filter(({ json }) => String(json.title).toLowerCase().includes(title))
    .filter(({ json }) => uids.length === 0 || uids.includes(String(json.uid)))
    .map(({ json }, index) => ({
      id: index + 1,
      uid: json.uid,
      title: json.title,
      type: 'dash-db',
      url: `/d/${json.uid}`,
    }))
}

function reloaded(what: string): Answer {
  if (what === 'dashboards') loadDashboards()
  else loadDataSources()
  return [200, { message: `${what === 'dashboards' ? 'Dashboards' : 'Datasources'} config reloaded` }]
}

/** Basic auth against the environment's credentials; a Viewer without any, where anonymous access is on. */
function roleOf(authorization: string | undefined): Role {
  const { GF_SECURITY_ADMIN_USER: user, GF_SECURITY_ADMIN_PASSWORD: password } = process.env
  if (!authorization) return process.env.GF_AUTH_ANONYMOUS_ENABLED === 'true' ? 'Viewer' : undefined
  return authorization === `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` ? 'Admin' : undefined
}

function loadDashboards(): void {
  const switched = readSwitch('grafana.refuse')
  isOver &&= switched !== undefined
  const refused = isOver ? undefined : switched
  const loaded = providers().flatMap(provider => filesBelow(provider.folder).flatMap(file => load(provider, file)))
  dashboards = loaded.filter(({ file, json }) => {
    if (json.uid !== refused) return true
    log('error', 'provisioning.dashboard', 'failed to save dashboard', { file, error: 'database is locked' })
    return false
  })
}

/**
 * A poll, unlike a start or a reload, saves nothing while two files share a uid, or a title in one folder
 * (grafana/grafana#89085). What lies in the same uid's last file, by name, is what was saved last.
 */
function pollDashboards(): void {
  const files = providers().flatMap(provider => filesBelow(provider.folder).flatMap(file => load(provider, file)))
  const keys = files.flatMap(({ json }) => [`uid ${json.uid}`, `title ${json.title}`])
  if (new Set(keys).size === keys.length) loadDashboards()
  else {
    const still = new Set(files.map(({ file }) => file))
    dashboards = dashboards.filter(({ file }) => still.has(file))
    log(
      'warn',
      'provisioning.dashboard',
      'dashboards provisioning provider has no database write permissions because of duplicates',
    )
  }
}

/** Only *.json counts, without a word about the rest; a file that cannot be used costs itself alone. */
function load(provider: Provider, file: string): Dashboard[] {
  if (!file.endsWith('.json')) return []
  try {
    const json = JSON.parse(fs.readFileSync(file, 'utf8')) as Dashboard['json']
    if (!json.title) throw new Error('Dashboard title cannot be empty')
    if ('elements' in json || 'layout' in json) throw new Error('dashboard appears to be in v2 format')
    return [{ file: path.relative(provider.folder, file), json }]
  } catch (error) {
    log('error', 'provisioning.dashboard', 'failed to load dashboard from ', { file, error: (error as Error).message })
    return []
  }
}

function loadDataSources(): void {
  dataSources = filesBelow(path.join(provisioning, 'datasources'))
    .filter(file => /\.ya?ml$/.test(file))
    .flatMap(file => (parse(fs.readFileSync(file, 'utf8')) as { datasources?: DataSource[] } | null)?.datasources ?? [])
}

function providers(): Provider[] {
  return filesBelow(path.join(provisioning, 'dashboards')).flatMap(file => {
    const config = parse(fs.readFileSync(file, 'utf8')) as {
      providers?: { updateIntervalSeconds?: number; options: { path: string } }[]
    }
    return (config.providers ?? []).map(one => ({ folder: one.options.path, seconds: one.updateIntervalSeconds ?? 10 }))
  })
}

function filesBelow(folder: string): string[] {
  if (!fs.existsSync(folder)) return []
  const entries = fs.readdirSync(folder, { withFileTypes: true })
  return entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      const file = path.join(folder, entry.name)
      if (entry.name.startsWith('.')) return []
      return entry.isDirectory() ? filesBelow(file) : [file]
    })
}

function log(level: string, logger: string, msg: string, more: Readonly<Record<string, string>> = {}): void {
  const fields = { logger, t: new Date().toISOString(), level, msg: JSON.stringify(msg), ...more }
  process.stdout.write(
    `${Object.entries(fields)
      .map(([key, value]) => `${key}=${value}`)
      .join(' ')}\n`,
  )
}
