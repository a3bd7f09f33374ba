import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Report } from '../../src/model/report.ts'
import { examineSettled } from '../e2e/doctor.ts'
import { grafana, heal, kubeconfigs, queryNow, waitFor } from '../lab/api.ts'
import { send } from '../lab/cluster.ts'
import { KubeError } from '../lab/kube-client.ts'
import { changes } from './plausible-changes.ts'
import { seed } from './seed.ts'

const chosen = fc.sample(fc.shuffledSubarray([...changes], { minLength: 40, maxLength: 40 }), { numRuns: 1, seed })[0]

/** Faults of what goes on working with what it has: nothing is missing yet. */
const latent: ReadonlySet<string> = new Set([
  'stack/reconcile-failed',
  'stack/operator-not-running',
  'stack/prometheus-not-managed',
  'grafana/sidecar-crashing',
])

/** Of a busy operator they are there from its first scrape on. */
const expected = [
  'controller_runtime_reconcile_total',
  'dynamo_operator_reconcile_total',
  'dynamo_operator_resources_total',
]

/** What comes of the operator, as the programs say: which of these are in Prometheus, and whether Grafana has the dashboard. */
const whatArrives = async (): Promise<string> => {
  const families = await queryNow(`count by (__name__) ({__name__=~"${expected.join('|')}"})`).catch(() => [])
  const boards = await grafana('/api/search?type=dash-db&query=Dynamo%20Operator').catch(() => ({ body: [] }))
  const shown = Array.isArray(boards.body) && boards.body.length > 0
  return `${families.map(({ metric }) => metric.__name__).sort()} ${shown ? 'shown' : 'not shown'}`
}

/** As the lab's charts have it. */
const secondsBetween = 2

/** Prometheus's own target is scraped whatever becomes of the operator's; a Prometheus that is gone has no scrapes to wait for. */
const scrapes = async (count: number): Promise<unknown> => {
  const own = () => queryNow('max(timestamp(up{job!~".*dynamo.*"}))').catch(() => [])
  const begin = Number((await own())[0]?.value[1] ?? 0)
  const isLater = async () => {
    const [now] = await own()
    return !now || Number(now.value[1]) - begin >= secondsBetween * count
  }
  return waitFor(isLater, { what: `${count} more scrapes`, seconds: 60 }).catch(() => undefined)
}

/** Never a pass where something is missing, never an alarm where nothing is. */
const contradiction = ({ verdict, causes }: Report, isAllThere: boolean): string | undefined => {
  const errors = causes.filter(({ severity, code }) => severity === 'error' && !latent.has(code))
  if (!isAllThere) return verdict === 'healthy' ? 'healthy, and something is missing' : undefined
  return errors.length === 0 ? undefined : `all is there, and yet: ${errors.map(({ code }) => code)}`
}

// Each change and its healing take about half a minute: only with --all.
describe.runIf(process.env.E2E_ALL === '1')(`one change at a time (seed ${seed}, with --all)`, () => {
  let healthy = ''
  beforeAll(async () => {
    await heal()
    healthy = await whatArrives()
    expect(healthy).toBe(`${expected} shown`)
  }, 120_000)
  afterEach(heal, 120_000)
  afterAll(heal, 120_000)

  it.for(chosen ?? [])('$what', async ({ path, patch }, { skip }) => {
    const refusal = await send('PATCH', path, patch, 'application/json-patch+json').then(
      () => undefined,
      error => error,
    )
    skip(refusal instanceof KubeError && [400, 422].includes(refusal.status), 'the API server refuses it')
    expect(refusal).toBeUndefined()
    await scrapes(6)
    let last: string | undefined
    const agrees = async () => {
      const before = await whatArrives()
      const report = await examineSettled(kubeconfigs.admin)
      const after = await whatArrives()
      last = before === after ? contradiction(report, after === healthy) : 'still changing'
      return last === undefined
    }
    await waitFor(agrees, { what: 'what arrives and the verdict to agree', seconds: 60 }).catch(() => undefined)
    expect(last).toBeUndefined()
  })
})
