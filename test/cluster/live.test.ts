import { mkdtempSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { type LiveOptions, openLiveCluster } from '../../src/cluster/live.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import {
  type FakeApiServer,
  type FakeApiServerOptions,
  startFakeApiServer,
  writeKubeconfig,
} from './fake-api-server.ts'

const configMap = { apiVersion: 'v1', kind: 'ConfigMap', resource: 'configmaps' }
const pods = { apiVersion: 'v1', kind: 'Pod', resource: 'pods' }
const unserved = { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor', resource: 'servicemonitors' }

const configMaps = (count: number, size = 1): readonly KubernetesObject[] =>
  Array.from({ length: count }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'inference', name: `board-${index}` },
    data: { 'a.json': 'x'.repeat(size) },
  }))

const servers: FakeApiServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()))
})

const start = async (options: Partial<FakeApiServerOptions> = {}) => {
  const server = await startFakeApiServer({ objects: [], ...options })
  servers.push(server)
  return server
}

const open = (server: FakeApiServer, options: Partial<LiveOptions> = {}) =>
  openLiveCluster({ kubeconfig: server.kubeconfig, timeoutMs: 10_000, env: {}, ...options })

const reply =
  (status: number, body: string, headers: Record<string, string> = {}) =>
  (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, headers)
    response.end(body)
    return true
  }

describe('an API server that misbehaves is a value with one line of words', () => {
  const truncated = '{"kind":"PodList","metadata":{},"items":[{"metadata":{"name":"a"'
  const cases: readonly (readonly [string, FakeApiServerOptions['misbehave'], object])[] = [
    [
      'HTML',
      reply(200, '<!doctype html>\n<p>log in</p>'),
      { why: 'invalid', message: expect.stringContaining('an HTML page') },
    ],
    [
      'truncated JSON',
      reply(200, truncated),
      { why: 'invalid', message: expect.stringContaining('ends in the middle') },
    ],
    ['nothing', reply(200, ''), { why: 'invalid', message: expect.stringContaining('an empty answer') }],
    [
      'no list',
      reply(200, '{"hello":"world"}'),
      { why: 'invalid', message: expect.stringContaining('no Kubernetes list') },
    ],
    ['broken gzip', reply(200, 'not gzip', { 'content-encoding': 'gzip' }), { why: 'invalid' }],
    [
      'a redirect',
      reply(302, '', { location: 'https://sso.example.org/login?x=1' }),
      { why: 'invalid', message: expect.stringContaining('sso.example.org') },
    ],
    [
      '401',
      reply(401, '{"kind":"Status","apiVersion":"v1","message":"Unauthorized"}'),
      { why: 'forbidden', message: 'Unauthorized' },
    ],
    [
      '403',
      reply(403, '{"kind":"Status","apiVersion":"v1","message":"pods is forbidden:\\n no"}'),
      { why: 'forbidden', message: 'pods is forbidden: no' },
    ],
    ['404', reply(404, '404 page not found'), { why: 'not-served' }],
    [
      '429 for ever',
      reply(429, 'slow down', { 'retry-after': '0' }),
      { why: 'unreachable', message: expect.stringContaining('slow down') },
    ],
    ['500', reply(500, '<html>oops</html>'), { why: 'unreachable', message: 'the server answers 500: an HTML page' }],
    ['503', reply(503, 'etcd is down'), { why: 'unreachable', message: 'the server answers 503: etcd is down' }],
    [
      'a reset in the middle of the answer',
      (_request, response) => {
        response.writeHead(200, { 'content-length': '5000' })
        response.write(truncated, () => response.destroy())
        return true
      },
      { why: 'unreachable', message: expect.stringContaining('closed the connection in the middle') },
    ],
    [
      'a reset before it',
      (_request, response) => {
        response.destroy()
        return true
      },
      { why: 'unreachable' },
    ],
  ]
  test.each(cases)('%s', async (_name, misbehave, expected) => {
    const cluster = await open(await start({ ...(misbehave ? { misbehave } : {}) }))
    const answer = await cluster.list({ ...pods, namespace: 'inference' })
    expect(answer).toMatchObject({
      ok: false,
      unavailable: { verb: 'list', resource: 'pods', namespace: 'inference', ...expected },
    })
    expect(JSON.stringify(answer)).not.toMatch(/\\n|t0ken/)
  })

  test('no answer at all, and one that never ends: the deadline holds', async () => {
    for (const first of ['', '{"items":[']) {
      const hang = (_request: IncomingMessage, response: ServerResponse) => {
        if (first) response.write(first)
        return true
      }
      const cluster = await open(await start({ misbehave: hang }), { timeoutMs: 120 })
      const answers = await Promise.all([
        cluster.list(pods),
        cluster.version(),
        cluster.get({ ...pods, namespace: 'a', name: 'b' }),
      ])
      for (const answer of answers)
        expect(answer).toMatchObject({ ok: false, unavailable: { why: 'timeout', message: 'no answer within 0.12 s' } })
    }
  })

  test('Ctrl-C ends all reads', async () => {
    const stop = new AbortController()
    const cluster = await open(
      await start({
        misbehave: () => {
          stop.abort()
          return true
        },
      }),
      { signal: stop.signal },
    )
    expect(await cluster.version()).toMatchObject({
      ok: false,
      unavailable: { why: 'timeout', message: 'interrupted' },
    })
  })

  test('a refused connection, and TLS where there is none', async () => {
    const server = await start()
    const tls = await openLiveCluster({
      kubeconfig: writeKubeconfig(server.url.replace('http:', 'https:')),
      timeoutMs: 5000,
      env: {},
    })
    expect(await tls.version()).toMatchObject({ ok: false, unavailable: { why: 'unreachable' } })
    await server.close()
    const cluster = await open(server)
    expect(await cluster.version()).toMatchObject({
      ok: false,
      unavailable: { why: 'unreachable', message: expect.stringContaining('refuses the connection') },
    })
  })
})

describe('lists', () => {
  test('come in pages', async () => {
    const server = await start({ objects: configMaps(1201) })
    const answer = await (await open(server)).list(configMap)
    expect(answer.ok && answer.value.length).toBe(1201)
    expect(server.requests).toHaveLength(3)
    expect(server.requests[0]).toContain('limit=500')
  })

  test('are counted by one page of one object, and read only where the server does not say how many remain', async () => {
    const server = await start({ objects: configMaps(1201) })
    const cluster = await open(server)
    expect(await cluster.count(configMap)).toEqual({ ok: true, value: 1201 })
    expect(server.requests).toHaveLength(1)
    expect(server.requests[0]).toBe('GET /api/v1/configmaps?limit=1')
    expect(await cluster.count({ ...configMap, fieldSelector: 'kind=ConfigMap' })).toEqual({ ok: true, value: 1201 })
    expect(server.requests).toHaveLength(5)
  })

  test('begin anew, once, when the continue token has expired', async () => {
    let expired = 0
    const misbehave = ({ url }: IncomingMessage, response: ServerResponse) => {
      if (!url?.includes('continue=500') || expired++ > 0) return false
      return reply(410, '{"kind":"Status","apiVersion":"v1","reason":"Expired"}')({} as IncomingMessage, response)
    }
    const answer = await (await open(await start({ objects: configMaps(700), misbehave }))).list(configMap)
    expect(answer.ok && new Set(answer.value.map(({ metadata }) => metadata.name)).size).toBe(700)
    expect(answer.ok && answer.value.length).toBe(700)
  })

  test('that expire for ever are unavailable, not cut off', async () => {
    const misbehave = ({ url }: IncomingMessage, response: ServerResponse) =>
      url?.includes('continue=') ? reply(410, 'gone')({} as IncomingMessage, response) : false
    const answer = await (await open(await start({ objects: configMaps(700), misbehave }))).list(configMap)
    expect(answer).toMatchObject({ ok: false, unavailable: { why: 'unreachable' } })
  })

  test('of thirty megabytes are read, and by metadata alone are small, whether the server knows that or not', async () => {
    const server = await start({ objects: configMaps(300, 100_000), ignoresMetadataOnly: true })
    const cluster = await open(server)
    const [whole, cut] = [await cluster.list(configMap), await cluster.list({ ...configMap, metadataOnly: true })]
    expect(whole.ok && whole.value.length).toBe(300)
    expect(JSON.stringify(cut).length).toBeLessThan(50_000)
  }, 30_000)

  test('are asked for compressed', async () => {
    const body = gzipSync('{"items":[{"metadata":{"name":"a","labels":{"q":"\\"],\\"items\\":[{"}}}],"metadata":{}}')
    const misbehave = (_request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end(body)
      return true
    }
    const answer = await (await open(await start({ misbehave }))).list(pods)
    expect(answer).toMatchObject({
      ok: true,
      value: [{ kind: 'Pod', metadata: { name: 'a', labels: { q: '"],"items":[{' } } }],
    })
  })

  test('of a kind that is not served, and a get of one, say so; a missing object is no such thing', async () => {
    const cluster = await open(await start())
    expect(await cluster.list(unserved)).toMatchObject({
      ok: false,
      unavailable: { why: 'not-served', resource: 'servicemonitors.monitoring.coreos.com' },
    })
    expect(await cluster.get({ ...unserved, namespace: 'a', name: 'b' })).toMatchObject({
      ok: false,
      unavailable: { why: 'not-served' },
    })
    expect(await cluster.get({ ...pods, namespace: 'a', name: 'b' })).toEqual({ ok: true, value: undefined })
  })

  test('managedFields come where a fix needs them and nowhere else', async () => {
    const metadata = { namespace: 'inference', name: 'x', managedFields: [{ manager: 'helm' }] }
    const cluster = await open(
      await start({
        objects: [
          { ...configMap, metadata },
          { ...pods, metadata },
          { apiVersion: 'v1', kind: 'Service', metadata },
        ],
      }),
    )
    const managers = async (query: Parameters<typeof cluster.list>[0]) => {
      const answer = await cluster.list(query)
      return answer.ok ? answer.value[0]?.metadata.managedFields : answer
    }
    expect(await managers(configMap)).toEqual([{ manager: 'helm' }])
    expect(await managers({ ...pods, kind: 'Service', resource: 'services' })).toEqual([{ manager: 'helm' }])
    expect(await managers(pods)).toBeUndefined()
    expect(await managers({ ...pods, metadataOnly: true })).toEqual([{ manager: 'helm' }])
  })

  test('a request on a connection that the server closed meanwhile is sent again', async () => {
    let calls = 0
    const server = await start({
      objects: configMaps(1),
      misbehave: (request, response) => {
        calls++
        if (calls === 2) {
          request.socket.destroy()
          return true
        }
        response.setHeader('connection', 'keep-alive')
        return false
      },
    })
    const cluster = await open(server)
    await cluster.list(configMap)
    await new Promise(resolve => setImmediate(resolve))
    expect(await cluster.list(configMap)).toMatchObject({ ok: true })
    expect(cluster.requests()).toBe(3)
  })
})

describe('the rest of the API', () => {
  test('version with the server clock, resources, logs', async () => {
    const cluster = await open(
      await start({
        served: ['monitoring.coreos.com/v1/prometheuses', 'monitoring.coreos.com/v1/servicemonitors'],
        logs: { 'observability/kps-0/sidecar': 'one\ntwo\npassword: hunter22\n' },
      }),
    )
    expect(await cluster.version()).toEqual({ ok: true, value: { gitVersion: 'v1.35.4', now: '2026-03-02T10:00:00Z' } })
    expect(await cluster.resources('monitoring.coreos.com/v1')).toEqual({
      ok: true,
      value: ['prometheuses', 'servicemonitors'],
    })
    expect(await cluster.resources('example.org/v1')).toEqual({ ok: true, value: [] })
    const log = { namespace: 'observability', pod: 'kps-0', container: 'sidecar', tailLines: 2 }
    expect(await cluster.logs(log)).toEqual({ ok: true, value: ['two', 'password: <redacted>'] })
    expect(await cluster.logs({ ...log, container: 'new' })).toEqual({ ok: true, value: [] })
  })

  test('access reviews ask as the ServiceAccount, with its groups', async () => {
    let asked: unknown
    const allows = (spec: Readonly<Record<string, unknown>>) => {
      asked = spec
      return false
    }
    const cluster = await open(await start({ allows }))
    const answer = await cluster.access({
      serviceAccount: { namespace: 'observability', name: 'kps' },
      attributes: { verb: 'list', group: '', resource: 'pods', namespace: 'inference' },
    })
    expect(answer).toEqual({ ok: true, value: { allowed: false } })
    expect(asked).toMatchObject({
      user: 'system:serviceaccount:observability:kps',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:observability', 'system:authenticated'],
      resourceAttributes: { verb: 'list', group: '', resource: 'pods', namespace: 'inference' },
    })
    await cluster.access({
      serviceAccount: { namespace: 'observability', name: 'kps' },
      attributes: { verb: 'get', path: '/metrics' },
    })
    expect(asked).toMatchObject({ nonResourceAttributes: { verb: 'get', path: '/metrics' } })
  })

  test('--as and its groups are passed on', async () => {
    const server = await start()
    await (await open(server, { as: 'jane', asGroups: ['dev', 'ops'] })).version()
    expect(server.headers[0]).toMatchObject({
      authorization: 'Bearer t0ken',
      'impersonate-user': 'jane',
      'impersonate-group': 'dev, ops',
    })
  })
})

describe('Helm releases', () => {
  const release = (version: number, status: string): KubernetesObject => {
    const json = {
      name: 'dyn',
      namespace: 'inference',
      version,
      info: { status },
      chart: { metadata: { name: 'dynamo-platform', version: '1.4.2' }, values: {} },
      config: { password: 'hunter22' },
    }
    const data = Buffer.from(gzipSync(JSON.stringify(json)).toString('base64')).toString('base64')
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        namespace: 'inference',
        name: `sh.helm.release.v1.dyn.v${version}`,
        labels: { owner: 'helm', name: 'dyn', status, version: `${version}` },
      },
      data: { release: data },
    } as KubernetesObject
  }
  const read = async (objects: readonly KubernetesObject[]) =>
    (await open(await start({ objects }))).helmRelease({ namespace: 'inference', name: 'dyn' })

  test('the deployed revision, else the newest, else none', async () => {
    const history = [release(2, 'superseded'), release(9, 'superseded'), release(10, 'deployed'), release(11, 'failed')]
    expect(await read(history)).toMatchObject({ ok: true, value: { revision: 10, status: 'deployed' } })
    expect(await read([release(9, 'failed'), release(10, 'pending-upgrade')])).toMatchObject({
      ok: true,
      value: { revision: 10 },
    })
    expect(await read([])).toEqual({ ok: true, value: undefined })
  })

  test('of the values only what is allowed comes through, and a broken one is invalid', async () => {
    expect(JSON.stringify(await read([release(1, 'deployed')]))).not.toContain('hunter22')
    const broken = { ...release(1, 'deployed'), data: { release: 'bm90IGd6aXA=' } } as KubernetesObject
    expect(await read([broken])).toMatchObject({ ok: false, unavailable: { why: 'invalid', resource: 'secrets' } })
  })
})

describe('what the kubeconfig lacks is the user’s to mend', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'))
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const exec = (command: string, ...args: string[]) =>
    writeKubeconfig(
      'http://127.0.0.1:9',
      `{ exec: ${JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', command, args })} }`,
    )
  const node = (code: string) => exec(process.execPath, '-e', code)

  const cases: readonly (readonly [string, Partial<LiveOptions>, RegExp, RegExp])[] = [
    ['no kubeconfig', { env: { HOME: folder } }, /No kubeconfig was found/, /--demo/],
    ['a file that is not there', { kubeconfig: join(folder, 'none') }, /There is no file .*none/, /--kubeconfig/],
    [
      'KUBECONFIG that leads nowhere',
      { env: { KUBECONFIG: join(folder, 'none') } },
      /None of the files in KUBECONFIG/,
      /--kubeconfig/,
    ],
    [
      'a file that is none',
      { kubeconfig: file('text', '- just\n- a list\n- : [') },
      /This is no kubeconfig/,
      /--kubeconfig/,
    ],
    [
      'an unknown context',
      { kubeconfig: writeKubeconfig('http://127.0.0.1:9'), context: 'prod' },
      /no context "prod"/,
      /lab-eu/,
    ],
    [
      'a plugin that is not installed',
      { kubeconfig: exec('no-such-plugin') },
      /no-such-plugin is not installed/,
      /by hand/,
    ],
    [
      'a plugin that fails',
      { kubeconfig: node('console.error("please log in"); process.exit(1)') },
      /failed: please log in/,
      /by hand/,
    ],
    ['a plugin that says nonsense', { kubeconfig: node('console.log("hello")') }, /gave no credential/, /by hand/],
    [
      'a plugin that hangs',
      { kubeconfig: node('setInterval(() => {}, 1000)'), timeoutMs: 150 },
      /no answer in time/,
      /by hand/,
    ],
  ]
  test.each(cases)('%s', async (_name, options, message, hint) => {
    const opening = openLiveCluster({ timeoutMs: 10_000, env: {}, ...options })
    await expect(opening).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    })
  })

  test('a plugin’s token is used', async () => {
    const server = await start()
    const code = 'console.log(JSON.stringify({status:{token:JSON.parse(process.env.KUBERNETES_EXEC_INFO).kind}}))'
    const user = `{ exec: ${JSON.stringify({ command: process.execPath, args: ['-e', code] })} }`
    const cluster = await openLiveCluster({ kubeconfig: writeKubeconfig(server.url, user), timeoutMs: 10_000, env: {} })
    await cluster.version()
    expect(server.headers[0]?.authorization).toBe('Bearer ExecCredential')
  })

  test('of several files the first of two equal names wins, and a missing one is passed over', async () => {
    const server = await start()
    const KUBECONFIG = [join(folder, 'none'), server.kubeconfig, writeKubeconfig('http://127.0.0.1:9')].join(':')
    const cluster = await openLiveCluster({ timeoutMs: 10_000, env: { KUBECONFIG } })
    expect(cluster.source).toEqual({ kind: 'live', name: 'lab-eu', namespace: 'inference', live: true })
    expect(await cluster.version()).toMatchObject({ ok: true })
  })
})

describe('another reading of the same cluster', () => {
  test('goes over the same connection, and counts its own requests', async () => {
    const connections = new Set<unknown>()
    const first = await open(
      await start({
        misbehave: ({ socket }) => {
          connections.add(socket)
          return false
        },
      }),
    )
    await first.list(pods)
    const before = first.requests()
    const second = first.anew()
    await second.list(pods)
    await second.anew().list(pods)
    expect(connections.size).toBe(1)
    expect(first.requests()).toBe(before)
    expect(second.requests()).toBe(1)
  })

  test('has a deadline of its own', async () => {
    let hangs = true
    const server = await start({ misbehave: () => hangs })
    const first = await open(server, { timeoutMs: 2000 })
    expect(await first.list(pods)).toMatchObject({ ok: false, unavailable: { why: 'timeout' } })
    hangs = false
    expect(await first.list(pods)).toMatchObject({ ok: false, unavailable: { why: 'timeout' } })
    expect(await first.anew().list(pods)).toMatchObject({ ok: true })
  })
})
