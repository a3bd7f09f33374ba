import { afterEach, describe, expect, test } from 'vitest'
import type { HttpQuery } from '../../src/cluster/cluster.ts'
import { type LiveOptions, openLiveCluster } from '../../src/cluster/live.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import {
  type FakeApiServer,
  type FakeApiServerOptions,
  type PodProgram,
  startFakeApiServer,
} from './fake-api-server.ts'

const servers: FakeApiServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()))
})

const open = async (server: Partial<FakeApiServerOptions>, options: Partial<LiveOptions> = {}) => {
  const fake = await startFakeApiServer({ objects: [], ...server })
  servers.push(fake)
  const cluster = await openLiveCluster({ kubeconfig: fake.kubeconfig, timeoutMs: 10_000, env: {}, ...options })
  return { cluster, fake }
}

const json =
  (body: unknown, status = 200): PodProgram =>
  () => ({ status, body: JSON.stringify(body) })

const prometheus: HttpQuery = {
  service: 'prometheus',
  pod: { namespace: 'observability', name: 'prometheus-kps-0', port: 9091, scheme: 'http' },
  path: '/api/v1/query?query=up',
}
const at = 'observability/prometheus-kps-0:9091'

describe('Prometheus', () => {
  test('is asked through the pod proxy, with its query', async () => {
    const echo: PodProgram = ({ path }) => ({
      status: 200,
      body: JSON.stringify({ path, token: 'eyJhbGciOiJIUzI1NiJ9.e30.abc' }),
    })
    const { cluster } = await open({ programs: { [at]: echo } })
    expect(await cluster.http(prometheus)).toEqual({
      ok: true,
      value: { status: 200, body: { path: '/api/v1/query?query=up', token: '<redacted>' } },
    })
  })

  test.each([401, 403, 404, 503])('its own %i is an answer, not a refusal of the API server', async status => {
    const { cluster } = await open({ programs: { [at]: () => ({ status, body: 'no' }) } })
    expect(await cluster.http(prometheus)).toEqual({ ok: true, value: { status, body: undefined, words: 'no' } })
  })

  test.each([
    ['<html>Sign in</html>', 'an HTML page'],
    ['no org id\n', 'no org id'],
  ])('what it says no with is told: %j', async (body, words) => {
    const { cluster } = await open({ programs: { [at]: () => ({ status: 401, body }) } })
    expect(await cluster.http(prometheus)).toMatchObject({ ok: true, value: { status: 401, words } })
  })

  const result =
    (resultType: string, list: string): PodProgram =>
    () => ({
      status: 200,
      body: `{"status":"success","data":{"resultType":"${resultType}","result":${list}},"warnings":["a, [b]"]}`,
    })
  test.each([
    ['a vector', 'vector', '[{"metric":{"a":"}]"},"value":[1,"2"]}, {"metric":{},"value":[1,"3"]},{}]', 3],
    ['a matrix', 'matrix', '[{"metric":{"result":"["},"values":[[1,"2"],[2,"3"]]},{"metric":{}}]', 2],
    ['nothing', 'vector', '[]', undefined],
    ['a scalar', 'scalar', '[1795.5,"2"]', undefined],
    ['a string', 'string', '[1795.5,"a,{},b"]', undefined],
  ])('of %s the first is kept and all are counted', async (_, type, list, listed) => {
    const { cluster } = await open({ programs: { [at]: result(type, list) } })
    const all: unknown = JSON.parse(list)
    expect(await cluster.http({ ...prometheus, first: 1 })).toEqual({
      ok: true,
      value: {
        status: 200,
        body: {
          status: 'success',
          data: { resultType: type, result: listed && Array.isArray(all) ? all.slice(0, 1) : all },
          warnings: ['a, [b]'],
        },
        ...(listed === undefined ? {} : { listed }),
      },
    })
  })

  test('of endless series none is kept that was not asked for', async () => {
    const series = Array.from({ length: 100_000 }, (_, n) => `{"metric":{"n":"${n}"},"value":[1,"${n}"]}`)
    const { cluster } = await open({ programs: { [at]: result('vector', `[${series.join(',')}]`) } })
    const read = await cluster.http({ ...prometheus, first: 2 })
    expect(read).toMatchObject({ ok: true, value: { listed: 100_000 } })
    expect(JSON.stringify(read).length).toBeLessThan(300)
  })

  test('of long series no more are kept than some megabytes', async () => {
    const points = Array.from({ length: 200 }, (_, n) => `[${n},"${n}"]`).join(',')
    const one = (n: number) => `{"metric":{"n":"${n}","long":"${'x'.repeat(1_000_000)}"},"values":[${points}]}`
    const { cluster } = await open({
      programs: { [at]: result('matrix', `[${Array.from({ length: 40 }, (_, n) => one(n)).join(',')}]`) },
    })
    const read = await cluster.http({ ...prometheus, first: 40 })
    const { body, listed } = (read.ok && read.value) as { body: { data: { result: unknown[] } }; listed: number }
    expect([body.data.result.length, listed]).toEqual([33, 40])
  })

  test('an answer that is not JSON is invalid', async () => {
    const { cluster } = await open({ programs: { [at]: () => ({ status: 200, body: '<html>' }) } })
    expect(await cluster.http(prometheus)).toMatchObject({
      ok: false,
      unavailable: { why: 'invalid', message: expect.stringContaining('HTML') },
    })
  })

  test('is asked through a port-forward where the proxy is refused, and the proxy is not tried again', async () => {
    const { cluster, fake } = await open({
      programs: { [at]: json({ data: 'x'.repeat(300) }) },
      forbidden: action => action.includes('pods/proxy'),
    })
    for (let n = 0; n < 2; n++)
      expect(await cluster.http(prometheus)).toMatchObject({ ok: true, value: { status: 200 } })
    expect(fake.requests.map(line => line.split(' ')[0])).toEqual(['GET', 'UPGRADE', 'UPGRADE'])
  })

  test('both refused: the smaller right is named, with the server’s words', async () => {
    const { cluster } = await open({
      programs: { [at]: json({}) },
      forbidden: action => /proxy|portforward/.test(action),
    })
    expect(await cluster.http(prometheus)).toMatchObject({
      ok: false,
      unavailable: {
        why: 'forbidden',
        verb: 'get',
        resource: 'pods/proxy',
        namespace: 'observability',
        message: expect.stringContaining('forbidden'),
      },
    })
  })

  test('a pod that nothing reaches is unreachable; without a pod there is nobody to ask', async () => {
    const { cluster } = await open({})
    expect(await cluster.http(prometheus)).toMatchObject({
      ok: false,
      unavailable: { why: 'unreachable', message: expect.stringContaining('dial tcp') },
    })
    expect(await cluster.http({ service: 'prometheus', path: '/' })).toMatchObject({
      ok: false,
      unavailable: { why: 'unreachable' },
    })
  })

  test('--prometheus-url is asked directly, with token and headers, under its own path', async () => {
    const seen: unknown[] = []
    const { cluster, fake } = await open({})
    const there = await startFakeApiServer({
      objects: [],
      misbehave: ({ url, headers }, response) => {
        seen.push([url, headers.authorization, headers['x-scope-orgid']])
        response.end('{"status":"success"}')
        return true
      },
    })
    servers.push(there)
    const direct = await openLiveCluster({
      kubeconfig: fake.kubeconfig,
      timeoutMs: 10_000,
      env: {},
      prometheusUrl: `${there.url}/prom/`,
      http: { prometheus: { token: 'abc', headers: { 'X-Scope-OrgID': 'a' } } },
    })
    expect(await direct.http({ service: 'prometheus', path: '/api/v1/query?query=up' })).toEqual({
      ok: true,
      value: { status: 200, body: { status: 'success' } },
    })
    expect(seen).toEqual([['/prom/api/v1/query?query=up', 'Bearer abc', 'a']])
    expect(cluster.requests()).toBe(0)
  })
})

describe('Grafana', () => {
  const grafana: HttpQuery = {
    service: 'grafana',
    pod: { namespace: 'observability', name: 'kps-grafana-0', port: 3001, scheme: 'http' },
    path: '/api/search',
    login: { namespace: 'observability', secret: 'kps-login', userKey: 'who', passwordKey: 'pass' },
  }
  const login = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: 'observability', name: 'kps-login' },
    data: { who: Buffer.from('boss').toString('base64'), pass: Buffer.from('hunter22').toString('base64') },
  } as KubernetesObject
  const guarded =
    (password: string, tries: string[] = []): PodProgram =>
    ({ authorization }) => {
      tries.push(authorization ?? 'none')
      const right = authorization === `Basic ${Buffer.from(`boss:${password}`).toString('base64')}`
      return right ? { status: 200, body: '[]' } : { status: 401, body: '{"message":"Unauthorized"}' }
    }
  const where = 'observability/kps-grafana-0:3001'

  test('gets its login from the Secret, through a port-forward', async () => {
    const { cluster, fake } = await open({ objects: [login], programs: { [where]: guarded('hunter22') } })
    expect(await cluster.http(grafana)).toEqual({ ok: true, value: { status: 200, body: [] } })
    expect(fake.requests.some(line => line.includes('/proxy/'))).toBe(false)
  })

  test('a wrong login is tried once, however many ask', async () => {
    const tries: string[] = []
    const { cluster, fake } = await open({ objects: [login], programs: { [where]: guarded('changed', tries) } })
    const answers = await Promise.all([
      cluster.http(grafana),
      cluster.http(grafana),
      cluster.http({ ...grafana, path: '/api/health' }),
    ])
    for (const answer of answers) expect(answer).toMatchObject({ ok: true, value: { status: 401 } })
    expect(tries).toHaveLength(1)
    expect(fake.requests.filter(line => line.includes('/secrets/'))).toHaveLength(1)
    expect(await cluster.anew().http(grafana)).toMatchObject({ ok: true, value: { status: 401 } })
    expect(tries).toHaveLength(1)
  })

  test('a login that may not be read: whoever lets everybody read is read, else the Secret is what is missing', async () => {
    const forbidden = (action: string) => action.startsWith('get secrets')
    const openTo = await open({ programs: { [where]: json([]) }, forbidden })
    expect(await openTo.cluster.http(grafana)).toMatchObject({ ok: true, value: { status: 200 } })
    const closed = await open({ programs: { [where]: guarded('x') }, forbidden })
    expect(await closed.cluster.http(grafana)).toMatchObject({
      ok: false,
      unavailable: { why: 'forbidden', verb: 'get', resource: 'secrets', name: 'kps-login' },
    })
  })

  test('a token from the environment wins over the login', async () => {
    const seen: string[] = []
    const program: PodProgram = ({ authorization }) => {
      seen.push(authorization ?? '')
      return { status: 200, body: '[]' }
    }
    const { cluster } = await open(
      { objects: [login], programs: { [where]: program } },
      { http: { grafana: { token: 'abc' } } },
    )
    await cluster.http(grafana)
    expect(seen).toEqual(['Bearer abc'])
  })
})
