import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { HttpAnswer, HttpQuery } from '../../src/cluster/cluster.ts'
import { factsOf } from '../../src/command-line/cluster-facts.ts'
import { answer } from '../../src/command-line/query-answer.ts'
import { planOf, type QueryFlags } from '../../src/command-line/query-plan.ts'
import { UserError } from '../../src/model/errors.ts'
import { startFakeApiServer } from '../cluster/fake-api-server.ts'
import { program } from '../commands/run-command.ts'
import { fakeCluster } from '../engine/fake-cluster.ts'
import { healthyWorld } from '../engine/world.ts'

const flags: QueryFlags = { timeout: '30s', limit: 100, watch: false, every: '5s', output: ['text'] }

const vector = (...series: readonly Readonly<Record<string, string>>[]): HttpAnswer => ({
  status: 200,
  body: {
    status: 'success',
    data: { resultType: 'vector', result: series.map(metric => ({ metric, value: [1_700_000_000, '2'] })) },
  },
})
const error = (status: number, errorType: string, words: string): HttpAnswer => ({
  status,
  body: { status: 'error', errorType, error: words },
})

/** The healthy cluster whose Prometheus answers expressions so; undefined: as ever. */
const asking = (answers: (expression: string, path: string) => HttpAnswer | undefined) => {
  const healthy = fakeCluster(healthyWorld())
  const asked: string[] = []
  const http = async (query: HttpQuery) => {
    const expression = new URL(query.path, 'http://prometheus').searchParams.get('query') ?? ''
    if (expression !== '') asked.push(query.path)
    const own = query.service === 'prometheus' && expression !== '' ? answers(expression, query.path) : undefined
    return own ? { ok: true as const, value: own } : healthy.http(query)
  }
  const cluster = { ...healthy, http }
  const narrowing = { fallbackNamespaces: [] }
  return { asked, context: factsOf(cluster, narrowing) }
}

const isProbe = (expression: string): boolean => expression.startsWith('group by (job)')

const query = async (
  name: string,
  answers: (expression: string, path: string) => HttpAnswer | undefined,
  more: Partial<QueryFlags> = {},
) => {
  const own = { ...flags, ...more }
  const { context, asked } = asking(answers)
  const plan = await planOf(name, own, [{ format: 'text' }])
  return { ...(await answer(context, plan, own)), requests: asked }
}

describe('query', () => {
  it('asks the expression of the operator’s own version, with its jobs', async () => {
    const found = await query('reconcile-rate', expression =>
      isProbe(expression) ? vector({ job: 'dyn' }) : vector({ resource_type: 'DynamoModel', result: 'success' }),
    )
    expect(found).toMatchObject({
      name: 'reconcile-rate',
      era: '1.0 to 1.4',
      expression: expect.stringContaining('rate(dynamo_operator_reconcile_total{job=~"dyn"'),
      documented: { expression: 'sum by (resource_type, result) (rate(dynamo_operator_reconcile_total[5m]))' },
      series: [{ labels: { resource_type: 'DynamoModel' } }],
    })
  })

  it('filters as the dashboard does, and refuses a filter that would change nothing', async () => {
    const found = (namespace: readonly string[]) =>
      query('resources', expression => (isProbe(expression) ? vector({ job: 'dyn' }) : vector({})), { namespace })
    expect(await found(['a', 'b.c'])).toMatchObject({
      expression: expect.stringContaining(String.raw`namespace=~"(a|b\\.c)"`),
    })
    const refused = query('webhook-p95', () => vector({ job: 'dyn' }), { namespace: ['a'] })
    await expect(refused).rejects.toThrow(UserError)
  })

  it('of any expression asks nothing else', async () => {
    const { requests } = await query('up', () => vector({}))
    expect(requests).toHaveLength(1)
  })

  it('asks over time up to Prometheus’s own now', async () => {
    const found = await query(
      'up',
      expression =>
        expression === 'time()'
          ? { status: 200, body: { status: 'success', data: { resultType: 'scalar', result: [5000, '5000'] } } }
          : vector({ a: 'b' }),
      { range: '10m', step: '30s' },
    )
    expect(found).toMatchObject({ window: { from: 4400, to: 5000, step: 30 } })
    expect(found.requests.at(-1)).toMatch(/query_range\?.*start=4400&end=5000&step=30/)
  })

  it('shows where Prometheus finds the expression wrong', async () => {
    const words = 'invalid parameter "query": 1:6: parse error: expected type range vector'
    expect(await query('rate(up)', () => error(400, 'bad_data', words))).toMatchObject({
      exitCode: 2,
      complaint: [expect.any(String), '  rate(up)', '       ^ parse error: expected type range vector'],
    })
  })

  it.each<[string, HttpAnswer, number, string]>([
    ['422', error(422, 'execution', 'many-to-many matching'), 2, 'many-to-many'],
    ['503', error(503, 'timeout', 'query timed out'), 3, 'answers 503: query timed out'],
    ['a login page', { status: 302, body: undefined, words: 'redirects to sso' }, 3, 'answers 302: redirects to sso'],
    ['Mimir without a tenant', { status: 401, body: undefined, words: 'no org id' }, 3, 'answers 401: no org id'],
    ['another program', { status: 200, body: { ok: true } }, 3, 'no answer of Prometheus'],
  ])('%s', async (_, said, exitCode, words) => {
    const found = await query('up', () => said)
    expect(found).toMatchObject({ exitCode, complaint: expect.any(Array) })
    expect('complaint' in found && found.complaint.join('\n')).toContain(words)
  })

  it('tells what was refused without the whole question', async () => {
    const found = await query('resources', () => ({ status: 401, body: undefined, words: 'no org id' }))
    expect(found).toMatchObject({ exitCode: 3 })
    expect('complaint' in found && found.complaint[0]).toMatch(
      /: Prometheus answers 401 to \/api\/v1\/query: no org id$/,
    )
  })

  const withWarning = (warning: string, ...series: readonly Readonly<Record<string, string>>[]): HttpAnswer => ({
    status: 200,
    body: { ...(vector(...series).body as object), warnings: [warning] },
  })

  it('calls nothing absent that a store behind Thanos did not answer for', async () => {
    const lost = 'receive series from Addr: 10.0.0.1:10901: rpc error'
    expect(await query('up', () => withWarning(lost))).toMatchObject({
      exitCode: 3,
      complaint: [expect.stringContaining(`with nothing, and warns: ${lost}`)],
    })
    expect(await query('up', () => withWarning(lost, {}))).toMatchObject({ series: [{}], notes: [lost] })
  })

  it.each(['PromQL warning: bucket label "le" is missing', 'results truncated due to limit'])(
    'goes on where Prometheus warns of the expression: %s',
    async warning => {
      const found = await query('up', e => (e === 'up' ? withWarning(warning) : vector()))
      expect(found).toMatchObject({ empty: { why: 'absent' } })
    },
  )

  it('cuts what is more than --limit, and says so', async () => {
    const found = await query('up', () => ({ ...vector({ a: '1' }), listed: 100_000 }), { limit: 1 })
    expect(found).toMatchObject({ cut: { of: 100_000, atLeast: false }, series: [{ labels: { a: '1' } }] })
  })
})

it('says that fewer are kept than --limit of an answer that is too long', async () => {
  const found = await query('up', () => ({ ...vector({ a: '1' }), listed: 90 }))
  expect(found).toMatchObject({ cut: { of: 90, atLeast: false, tooLong: true }, series: [{}] })
})

describe('an empty answer', () => {
  it.each<[string, string, (expression: string) => HttpAnswer | undefined, string]>([
    ['the filters', 'resources', e => (e.includes('namespace=~"none"') ? vector() : undefined), 'filtered'],
    ['no such metric', 'nothing_total', () => vector(), 'absent'],
    ['its own comparison', 'up > 5', e => (e.startsWith('count(') ? vector({}) : vector()), 'filtered'],
    ['no metric at all', 'vector(1) unless vector(1)', () => vector(), 'quiet'],
  ])('because of %s', async (_, name, answers, why) => {
    const more = name === 'resources' ? { namespace: ['none'] } : {}
    const found = await query(name, e => (isProbe(e) ? vector({ job: 'dyn' }) : (answers(e) ?? vector({}))), more)
    expect(found).toMatchObject({ empty: { why } })
  })

  it.each([
    ['idle', 'webhook-denials', ['controller_runtime_reconcile_total', 'dynamo_operator_resources_total']],
    ['quiet', 'resources', ['controller_runtime_reconcile_total', 'dynamo_operator_resources_total']],
  ])('is %s by the doctor’s own check', async (why, name, families) => {
    const found = await query(name, e => {
      if (isProbe(e)) return vector({ job: 'dyn' })
      return e.includes('count by (__name__')
        ? vector(...families.map(__name__ => ({ part: 'families', __name__ })))
        : vector()
    })
    expect(found).toMatchObject({ empty: { why } })
  })

  it.each([
    ['absent', 'reconcile-rate'],
    ['idle', 'webhook-denials'],
  ])('of which the other series count what it counts is %s: %s', async (why, name) => {
    const found = await query(name, e => {
      if (isProbe(e)) return vector({ job: 'dyn' })
      if (e.includes('count by (__name__'))
        return vector({ part: 'families', __name__: 'controller_runtime_reconcile_total' })
      return e.includes('should_be')
        ? vector({ should_be: 'dynamo_operator_reconcile_total', by: 'controller_runtime_reconcile_total' })
        : vector()
    })
    expect(found).toMatchObject({ empty: { why } })
  })

  it('of an operator that no Prometheus has is absent', async () => {
    expect(await query('resources', () => vector())).toMatchObject({
      exitCode: 1,
      complaint: expect.arrayContaining([expect.stringContaining('metrics/absent')]),
    })
  })
})

describe('--watch', () => {
  it('asks again until Ctrl-C, which ends it without a word', async () => {
    let asked = 0
    const server = await startFakeApiServer({
      objects: [],
      misbehave: (_, response) => {
        asked++
        response.end(JSON.stringify(vector({ job: 'dyn' }).body))
        if (asked === 2) child.kill('SIGINT')
        return true
      },
    })
    const args = ['query', 'up', '--watch', '--every', '1s', '--prometheus-url', server.url]
    const child = spawn(process.execPath, [program, ...args, '--kubeconfig', server.kubeconfig])
    const said = { stdout: '', stderr: '' }
    child.stdout.on('data', text => {
      said.stdout += text
    })
    child.stderr.on('data', text => {
      said.stderr += text
    })
    const [code] = await once(child, 'close')
    await server.close()
    expect([code, said.stderr]).toEqual([130, ''])
    expect(said.stdout).toContain('dyn')
    expect(said.stdout).not.toContain('\u001b')
  })
})
