/**
 * `npm run bench`: the budgets of the project, measured on the lab as ratios within one run. Ends with 1 where one is
 * missed. `npm run bench -- --quick` leaves out the 5,000 unrelated objects.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { parse, stringify } from 'yaml'
import { complaints, kubeconfigs } from '../test/lab/api.ts'
import { apiServer } from '../test/lab/layout.ts'
import { pki } from '../test/lab/pki.ts'
import { program } from '../test/lab/programs.ts'
import { delayingProxy } from './delaying-proxy.ts'
import { type Command, compare } from './measure.ts'
import { type LoggedRequest, requestLog, roundsOf } from './request-log.ts'
import { addUnrelated, removeUnrelated } from './unrelated-objects.ts'

const rounds = 11
const roundTripMs = 25
const folder = mkdtempSync(join(tmpdir(), 'dynamo-metrics-bench-'))
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const run = here('../bin/run.js')

interface Row {
  readonly what: string
  readonly measured: string
  readonly value: number
  readonly budget: number
}

const rows: Row[] = []
const row = (what: string, measured: string, value: number, budget: number) => {
  rows.push({ what, measured, value, budget })
  process.stdout.write(`${value <= budget ? 'kept  ' : 'MISSED'} ${what}: ${measured} (at most ${budget})\n`)
}

const milliseconds = (value: number | undefined) => `${Math.round(value ?? Number.NaN)} ms`

/** A copy of the administrator's kubeconfig that goes through another port on loopback. */
const kubeconfigFor = (port: number): string => {
  const config = parse(readFileSync(kubeconfigs.admin, 'utf8'))
  config.clusters[0].cluster.server = `https://127.0.0.1:${port}`
  const file = join(folder, `kubeconfig-${port}`)
  writeFileSync(file, stringify(config), { mode: 0o600 })
  return file
}

const node = (...args: readonly string[]): Command => ({ file: process.execPath, args })
const doctor = (kubeconfig: string): Command => node(run, 'doctor', '--kubeconfig', kubeconfig)

const byHand = (kubeconfig: string): Command => ({
  file: 'bash',
  args: [here('by-hand.sh')],
  env: { KUBECONFIG: kubeconfig, PATH: `${join(program('kubectl'), '..')}:${process.env.PATH}` },
})

const server = { host: apiServer.host, port: apiServer.port }

const againstHand = async (): Promise<void> => {
  const near = await compare({ doctor: doctor(kubeconfigs.admin), hand: byHand(kubeconfigs.admin) }, rounds)
  ratio('doctor / by hand, no round trip', near.doctor, near.hand, 0.5)
  const proxy = await delayingProxy(server, roundTripMs)
  const far = kubeconfigFor(proxy.port)
  const plan = writePlan(await recordRequests(), proxy.port)
  const times = await compare({ doctor: doctor(far), hand: byHand(far), floor: node(here('floor.mjs'), plan) }, rounds)
  ratio(`doctor / by hand, ${roundTripMs} ms round trip`, times.doctor, times.hand, 0.3)
  ratio(`doctor / the same requests by plain node:https, ${roundTripMs} ms round trip`, times.doctor, times.floor, 1.8)
  proxy.close()
}

const ratio = (what: string, a: number | undefined, b: number | undefined, budget: number): void => {
  const value = (a ?? Number.NaN) / (b ?? Number.NaN)
  row(what, `${milliseconds(a)} / ${milliseconds(b)} = ${value.toFixed(2)}`, value, budget)
}

/** What the doctor asks of the API server, as a proxy between them sees it. */
const recordRequests = async (): Promise<readonly LoggedRequest[]> => {
  const log = await requestLog(server, { certificate: pki.serverCertificate, key: pki.serverKey, ca: pki.ca }, 100)
  await execa(process.execPath, [run, 'doctor', '--kubeconfig', kubeconfigFor(log.port)])
  log.close()
  return log.requests()
}

/** The floor sends the same requests in the same rounds; what goes through a port-forward it cannot. */
const writePlan = (requests: readonly LoggedRequest[], port: number): string => {
  const file = join(folder, 'plan.json')
  const config = parse(readFileSync(kubeconfigs.admin, 'utf8'))
  const plan = {
    host: '127.0.0.1',
    port,
    token: config.users[0].user.token,
    ca: readFileSync(pki.ca, 'utf8'),
    rounds: roundsOf(requests).map(round => round.filter(({ method }) => method !== 'UPGRADE')),
  }
  writeFileSync(file, JSON.stringify(plan), { mode: 0o600 })
  return file
}

const startUp = async (): Promise<void> => {
  const times = await compare(
    { bare: node('-e', '0'), version: node(run, '--version'), help: node(run, '--help') },
    rounds * 2,
  )
  ratio('--version / node -e 0', times.version, times.bare, 4)
  ratio('--help / node -e 0', times.help, times.bare, 4)
}

const requestsAndRounds = async (): Promise<void> => {
  const requests = await recordRequests()
  const depth = roundsOf(requests.filter(({ method }) => method !== 'UPGRADE')).length
  row('requests on the healthy cluster', String(requests.length), requests.length, 30)
  row('rounds that wait for one another', String(depth), depth, 4)
}

interface Cost {
  readonly requests: number
  readonly bytes: number
}

const costNow = async (): Promise<Cost> => {
  const proxy = await delayingProxy(server, 0)
  const { stdout } = await execa(process.execPath, [
    run,
    'doctor',
    '--kubeconfig',
    kubeconfigFor(proxy.port),
    '--output',
    'json',
  ])
  proxy.close()
  return { requests: JSON.parse(stdout).requests, bytes: proxy.received() }
}

const growth = async (): Promise<void> => {
  try {
    await addUnrelated(10)
    const few = await costNow()
    await removeUnrelated()
    await addUnrelated(5000)
    const many = await costNow()
    row(
      'requests with 5,000 / with 10 unrelated objects a kind',
      `${many.requests} / ${few.requests}`,
      many.requests / few.requests,
      1.1,
    )
    row(
      'bytes with 5,000 / with 10 unrelated objects a kind',
      `${many.bytes} / ${few.bytes}`,
      many.bytes / few.bytes,
      1.1,
    )
  } finally {
    await removeUnrelated()
  }
}

const memory = async (): Promise<void> => {
  const report =
    'data:text/javascript,process.on("exit",()=>process.stderr.write("rss "+process.resourceUsage().maxRSS))'
  const { stderr } = await execa(process.execPath, [
    '--import',
    report,
    run,
    'doctor',
    '--kubeconfig',
    kubeconfigs.admin,
  ])
  const megabytes = Number(/rss (\d+)/.exec(stderr)?.[1]) / 1024
  row('peak memory of doctor, MB', megabytes.toFixed(0), megabytes, 150)
}

const wrong = await complaints().catch(() => ['no lab is running'])
if (wrong.length > 0) {
  process.stderr.write(`bench wants a healthy lab (npm run lab up, npm run lab heal): ${wrong.join('; ')}\n`)
  process.exit(2)
}
const gigabytes = Math.round(totalmem() / 2 ** 30)
process.stdout.write(
  `${availableParallelism()} cores, ${gigabytes} GB, load ${loadavg()[0]?.toFixed(1)}, medians of ${rounds}\n`,
)
try {
  await againstHand()
  await startUp()
  await requestsAndRounds()
  await memory()
  if (!process.argv.includes('--quick')) await growth()
} finally {
  rmSync(folder, { recursive: true })
}
process.exitCode = rows.every(({ value, budget }) => value <= budget) ? 0 : 1
