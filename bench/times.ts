import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kubeconfigs, names, stack } from '../test/lab/api.ts'
import { apiServer } from '../test/lab/layout.ts'
import { pki } from '../test/lab/pki.ts'
import { delayingProxy } from './delaying-proxy.ts'
import { compare } from './measure.ts'
import { administratorToken, byHand, doctor, dynamoMetrics, floor, kubeconfigFor, kubectl, node } from './programs.ts'
import { type LoggedRequest, recordRequests, roundsOf } from './request-log.ts'
import { type Figure, ratio } from './table.ts'

/** A near cloud region, as most clusters are. */
const roundTripMs = 25

/** The doctor against the checklist by hand, near and far, and against its own requests with nothing around them. */
export const measureTimes = async (folder: string, rounds: number): Promise<readonly Figure[]> => {
  const direct = kubeconfigs.admin
  const near = await compare({ doctor: doctor(direct), byHand: byHand(direct, folder) }, rounds)
  const proxy = await delayingProxy(apiServer, roundTripMs)
  const delayed = kubeconfigFor(proxy.port, folder)
  const plan = writePlan(await recordRequests(folder), proxy.port, folder)
  const far = await compare({ doctor: doctor(delayed), byHand: byHand(delayed, folder), floor: floor(plan) }, rounds)
  proxy.close()
  return [
    ratio('doctor / by hand', near.doctor, near.byHand, 0.5),
    ratio(`doctor / by hand, ${roundTripMs} ms round trip`, far.doctor, far.byHand, 0.3),
    ratio(`doctor / floor, ${roundTripMs} ms round trip`, far.doctor, far.floor, 1.8),
  ]
}

/** `query` of a Prometheus that is named, against the same query through the API server by kubectl. */
export const measureQuery = async (folder: string, rounds: number): Promise<readonly Figure[]> => {
  const expression = 'sum by (job) (up)'
  const pod = `/api/v1/namespaces/${stack.namespace}/pods/${names.prometheusPod}:9090/proxy`
  const path = `${pod}/api/v1/query?query=${encodeURIComponent(expression)}`
  const named = ['--kubeconfig', kubeconfigs.admin, '--prometheus', `${stack.namespace}/${names.prometheus}`]
  const { raw, any, documented } = await compare(
    {
      raw: kubectl(kubeconfigs.admin, folder, 'get', '--raw', path),
      any: dynamoMetrics('query', expression, ...named),
      documented: dynamoMetrics('query', 'resources', ...named),
    },
    rounds,
  )
  return [
    ratio('query EXPR / kubectl get --raw', any, raw, 5),
    ratio('query NAME / kubectl get --raw', documented, raw, 5),
  ]
}

export const measureStartUp = async (rounds: number): Promise<readonly Figure[]> => {
  const commands = {
    bare: node('-e', '0'),
    version: dynamoMetrics('--version'),
    help: dynamoMetrics('--help'),
    doctorHelp: dynamoMetrics('doctor', '--help'),
    explain: dynamoMetrics('explain', 'access/unreachable'),
    dashboardExport: dynamoMetrics('dashboard', 'export', '--era', '1.6'),
  }
  // One of these takes a tenth of a second, so that twice as many are no wait.
  const { bare, version, help, doctorHelp, explain, dashboardExport } = await compare(commands, rounds * 2)
  return [
    ratio('--version / node -e 0', version, bare, 4),
    ratio('--help / node -e 0', help, bare, 4),
    ratio('doctor --help / node -e 0', doctorHelp, bare),
    ratio('explain access/unreachable / node -e 0', explain, bare),
    ratio('dashboard export / --version', dashboardExport, version, 1.5),
  ]
}

/** What goes through a port-forward is left out, so that the floor is lower than it could be, never higher. */
const writePlan = (requests: readonly LoggedRequest[], port: number, folder: string): string => {
  const file = join(folder, 'plan.json')
  const rounds = roundsOf(requests).map(round => round.filter(({ kind }) => kind === 'request'))
  const plan = { host: '127.0.0.1', port, token: administratorToken(), ca: readFileSync(pki.ca, 'utf8'), rounds }
  writeFileSync(file, JSON.stringify(plan), { mode: 0o600 })
  return file
}
