import { describe, expect, it } from 'vitest'
import { factSource } from '../../src/engine/fact-source.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { boardFile, grafana, prometheusService } from '../checks/dashboard/healthy-facts.ts'
import { fakeCluster, type World } from '../engine/fake-cluster.ts'
import { healthyWorld } from '../engine/world.ts'
import { grafanaContainer, workload as grafanaWorkload, sidecarContainer } from '../grafana/workloads.ts'

const shown = grafana().workload
const grafanaPod: KubernetesObject & Readonly<Record<string, unknown>> = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'observability', name: 'kps-grafana-0', labels: { app: 'kps-grafana' } },
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
}
const json = (...expressions: readonly string[]) =>
  JSON.stringify({
    uid: 'dynamo-operator',
    title: 'Dynamo Operator',
    panels: expressions.map(expr => ({ title: expr, targets: [{ expr }] })),
  })
const own = (...expressions: readonly string[]) =>
  boardFile({
    namespace: 'observability',
    name: 'grafana-operator-dashboard',
    data: { 'dynamo-operator-dashboard.json': json(...expressions) },
  })
/** A ConfigMap as the API server keeps it: its managers say which keys it has. */
const stored = (name: string, key: string): KubernetesObject =>
  boardFile({
    name,
    data: { [key]: '{}' },
    managedFields: [{ manager: 'x', fieldsV1: { 'f:data': { [`f:${key}`]: {} } } }],
  })

const grafanaSays: World['http'] = query => {
  if (query.service !== 'grafana') return healthyWorld().http?.(query)
  if (query.path === '/api/datasources')
    return [{ name: 'P', type: 'prometheus', url: 'http://kps-prometheus:9090', isDefault: true }]
  return { dashboard: JSON.parse(json('up')), meta: { provisionedExternalId: 'dynamo-operator-dashboard.json' } }
}

const ask = (objects: readonly KubernetesObject[], world: Partial<World> = {}) => {
  const { objects: healthy = [] } = healthyWorld()
  const cluster = fakeCluster({
    ...healthyWorld(),
    http: grafanaSays,
    ...world,
    objects: [...healthy.filter(({ metadata }) => !metadata.name.includes('grafana')), ...objects],
  })
  return { cluster, ...factSource(cluster, { fallbackNamespaces: [] }) }
}

describe('labelledConfigMaps and neighbouringDashboards', () => {
  it('list metadata once, and read whole only what may clash', async () => {
    const others = Array.from({ length: 40 }, (_, index) => stored(`team-${index}`, `team-${index}.json`))
    const rival = stored('rival', 'dynamo-operator-dashboard.json')
    const namedLikeIt = stored('old-dynamo-operator', 'x.json')
    const { cluster, fact } = ask([shown, own('up'), ...others, rival, namedLikeIt])
    const read = await fact('neighbouringDashboards')
    expect(
      read.ok && read.value.items.filter(({ configMap }) => configMap).map(({ object }) => object.metadata.name),
    ).toEqual(['rival', 'old-dynamo-operator'])
    expect(read.ok && read.value.items).toHaveLength(42)
    expect(cluster.asked.filter(line => / configmaps/.test(line)).toSorted()).toEqual([
      'get configmaps dashboards old-dynamo-operator',
      'get configmaps dashboards rival',
      'list configmaps --field-selector metadata.name=grafana-operator-dashboard',
      'list configmaps -l dash metadata',
    ])
  })

  it('read whole what has no managers, as in manifests', async () => {
    const { fact } = ask([shown, own('up'), boardFile({ name: 'team', data: { 'team.json': json('up') } })])
    const read = await fact('neighbouringDashboards')
    expect(read.ok && read.value.items.map(({ keys, configMap }) => [keys, configMap !== undefined])).toEqual([
      [['team.json'], true],
    ])
  })

  it('are unavailable where ConfigMaps may not be listed', async () => {
    const { fact } = ask([shown, own('up')], { refuses: ({ resource }) => resource === 'configmaps' })
    expect((await fact('neighbouringDashboards')).ok).toBe(false)
  })
})

describe('queriedFamilies', () => {
  const families = async (objects: readonly KubernetesObject[], world: Partial<World> = {}) => {
    const { cluster, fact } = ask(objects, world)
    const read = await fact('queriedFamilies')
    return { read, queries: cluster.asked.filter(line => line.includes('/api/v1/query')) }
  }

  it('asks Prometheus nothing where nothing is in doubt', async () => {
    const { read, queries } = await families([
      shown,
      own('rate(dynamo_operator_reconcile_total[$__rate_interval])', 'sum('),
    ])
    expect(read).toMatchObject({
      ok: true,
      value: {
        items: [{ doubtful: [], queries: [{ families: ['dynamo_operator_reconcile_total'] }, { families: null }] }],
      },
    })
    expect(queries).toEqual([])
  })

  it('asks for a family that the operator should not have', async () => {
    const { read, queries } = await families([shown, own('dynamo_operator_x_total')], {
      http: query =>
        query.path.startsWith('/api/v1/query')
          ? { status: 'success', data: { resultType: 'vector', result: [] } }
          : grafanaSays(query),
    })
    expect(read).toMatchObject({
      ok: true,
      value: {
        items: [{ doubtful: [{ name: 'dynamo_operator_x_total', moved: false, found: { ok: true, value: false } }] }],
      },
    })
    expect(queries).toHaveLength(1)
  })

  it('reads what Grafana shows where no ConfigMap holds it', async () => {
    const { read } = await families([shown, grafanaPod])
    expect(read).toMatchObject({
      ok: true,
      value: { items: [{ source: { kind: 'Deployment' }, queries: [{ expression: 'up' }] }] },
    })
  })

  it('has nothing to read in a file that is no JSON', async () => {
    const { read } = await families([shown, boardFile({ name: 'grafana-operator-dashboard', data: { 'a.json': '{' } })])
    expect(read).toMatchObject({ ok: true, value: { items: [] } })
  })
})

describe('dataSources and dataSourceServices', () => {
  it('take one request each', async () => {
    const { cluster, fact } = ask([shown, grafanaPod, own('up'), prometheusService])
    expect(await fact('dataSourceServices')).toMatchObject({
      ok: true,
      value: { items: [{ metadata: { name: 'kps-prometheus' } }] },
    })
    expect(cluster.asked.filter(line => /datasources|get services/.test(line))).toEqual([
      'get pods/proxy observability /api/datasources',
      'get services observability kps-prometheus',
    ])
  })

  it('fall back to the ConfigMaps that the sidecar fetches', async () => {
    const file = (name: string, namespace: string) =>
      boardFile({
        name,
        namespace,
        labels: { grafana_datasource: '1' },
        data: { 'a.yaml': `datasources: [{name: ${name}, type: prometheus, url: "http://x:9090"}]`, 'b.txt': '{' },
      })
    const { fact } = ask([shown, file('mine', 'observability'), file('elsewhere', 'x')])
    expect(await fact('dataSources')).toMatchObject({
      ok: true,
      value: { items: [{ from: 'configMaps', sources: [{ name: 'mine', ref: { kind: 'ConfigMap' } }] }] },
    })
  })

  it.each<[what: string, resource: string, secrets: readonly Readonly<Record<string, string>>[], whole: boolean]>([
    ['are the whole where no Secret is fetched', 'both', [{ team: 'a' }], true],
    ['are not where a Secret is fetched beside them', 'both', [{ grafana_datasource: '1' }], false],
    ['are the whole where the sidecar looks at ConfigMaps alone', 'configmap', [{ grafana_datasource: '1' }], true],
  ])('of ConfigMaps %s', async (_, resource, secrets, whole) => {
    const boards = grafanaWorkload({
      containers: [
        grafanaContainer,
        {
          name: 'boards-sc-datasources',
          env: [
            { name: 'LABEL', value: 'grafana_datasource' },
            { name: 'FOLDER', value: '/etc/grafana/provisioning/datasources' },
            { name: 'RESOURCE', value: resource },
          ],
        },
      ],
    })
    const { fact } = ask([
      boards,
      boardFile({
        name: 'mine',
        namespace: 'observability',
        labels: { grafana_datasource: '1' },
        data: { 'a.yaml': 'datasources: [{name: mine, type: prometheus, url: "http://x:9090"}]' },
      }),
      ...secrets.map(
        (labels, index): KubernetesObject => ({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: `hidden-${index}`, namespace: 'observability', labels },
        }),
      ),
    ])
    expect((await fact('dataSources')).ok).toBe(whole)
  })

  it('are unavailable where Grafana refuses and nothing else tells', async () => {
    const { fact } = ask([shown, grafanaPod], { refuses: ({ resource }) => resource === 'pods/proxy' })
    expect(await fact('dataSources')).toMatchObject({ ok: false, unavailable: { why: 'forbidden' } })
  })
})

describe('grafanas', () => {
  const named = (name: string, image: string, namespace = 'observability') => {
    const found = grafanaWorkload({ containers: [{ ...grafanaContainer, name: 'main', image }] }, name)
    return { ...found, metadata: { namespace, name } }
  }
  const found = async (...objects: readonly KubernetesObject[]) => {
    const { cluster, fact } = ask(objects)
    const read = await fact('grafanas')
    return {
      names: read.ok ? read.value.items.map(({ workload }) => workload.metadata.name) : read,
      asked: cluster.asked,
    }
  }

  it('are found by their image beside a Prometheus, without the charts’ label', async () => {
    expect(
      (
        await found(
          named('boards', 'docker.io/grafana/grafana:12'),
          named('renderer', 'grafana/grafana-image-renderer:3'),
        )
      ).names,
    ).toEqual(['boards'])
  })

  it('are found by the sidecar where the image has another name', async () => {
    const renamed = grafanaWorkload(
      { containers: [sidecarContainer(), { name: 'main', image: 'registry.corp.example/boards:1' }] },
      'boards',
    )
    expect((await found({ ...renamed, metadata: { namespace: 'observability', name: 'boards' } })).names).toEqual([
      'boards',
    ])
  })

  it('are not looked for elsewhere, nor where one is found', async () => {
    expect((await found(named('boards', 'grafana/grafana:12', 'x'))).names).toEqual([])
    expect((await found(shown)).asked.filter(line => /statefulsets/.test(line))).toEqual([
      'list statefulsets.apps -l app.kubernetes.io/name=grafana',
    ])
  })
})

describe('grafanaDashboards', () => {
  const object = {
    apiVersion: 'grafana.integreatly.org/v1beta1',
    kind: 'GrafanaDashboard',
    metadata: { namespace: 'observability', name: 'operator' },
    spec: { configMapRef: { name: 'grafana-operator-dashboard', key: 'x.json' } },
  }
  const bare = grafanaWorkload({ containers: [grafanaContainer] })

  it('count where they point to the ConfigMap and no sidecar could fetch it', async () => {
    const { fact } = ask([bare, own('up'), object])
    expect(await fact('grafanaDashboards')).toMatchObject({
      ok: true,
      value: { items: [{ object: { kind: 'GrafanaDashboard' } }] },
    })
  })

  it('are not asked for where a sidecar fetches the ConfigMap', async () => {
    const { cluster, fact } = ask([shown, own('up'), object])
    expect(await fact('grafanaDashboards')).toMatchObject({ ok: true, value: { items: [] } })
    expect(cluster.asked.filter(line => line.includes('grafanadashboards'))).toEqual([])
  })
})

describe('loadedDashboards', () => {
  const body = (dashboard: unknown, file: string) => ({ dashboard, meta: { provisionedExternalId: file } })
  /** Grafana knows no uid but this one. */
  const askShowing = (uid: string, file: string, ...objects: readonly KubernetesObject[]) => {
    const { cluster } = ask([shown, grafanaPod, ...objects])
    const titled = { uid, title: 'Dynamo Operator', panels: [{ targets: [{ expr: 'up' }] }] }
    const answers: Readonly<Record<string, unknown>> = {
      '/api/search?type=dash-db&query=Dynamo%20Operator': [titled],
      [`/api/dashboards/uid/${uid}`]: body(titled, file),
    }
    const http: typeof cluster.http = async query =>
      query.service === 'grafana'
        ? {
            ok: true,
            value: {
              status: query.path in answers ? 200 : 404,
              body: answers[query.path] ?? { message: 'Dashboard not found' },
            },
          }
        : cluster.http(query)
    return factSource({ ...cluster, http }, { fallbackNamespaces: [] }).fact('loadedDashboards')
  }
  const holding = (dashboard: Readonly<Record<string, unknown>>) =>
    boardFile({
      namespace: 'observability',
      name: 'grafana-operator-dashboard',
      data: { 'ours.json': JSON.stringify({ title: 'Dynamo Operator', panels: [], ...dashboard }) },
    })

  it.each<readonly [string, Readonly<Record<string, unknown>>, string, boolean]>([
    ['that the ConfigMap gives it', { uid: 'of-the-team' }, 'ours.json', true],
    ['that Grafana made up, for the ConfigMap has none', {}, 'observability_ours.json', true],
    ['but not where another file is shown', {}, 'theirs.json', false],
    ['but not where another uid is shown', { uid: 'dynamo-operator' }, 'ours.json', false],
  ])('are found under the uid %s', async (_how, dashboard, file, found) => {
    expect(await askShowing('of-the-team', file, holding(dashboard))).toMatchObject({
      ok: true,
      value: {
        items: [
          {
            dashboards: [
              found
                ? { uid: 'dynamo-operator', shownAs: 'of-the-team', found, queries: [{ expression: 'up' }] }
                : { uid: 'dynamo-operator', found, namesakes: [{ uid: 'of-the-team', provisionedFrom: file }] },
            ],
          },
        ],
      },
    })
  })
})

describe('dashboardProviders', () => {
  const provided = grafanaWorkload({
    containers: [
      sidecarContainer(),
      {
        ...grafanaContainer,
        volumeMounts: [{ name: 'p', mountPath: '/etc/grafana/provisioning/dashboards/a.yml', subPath: 'p.yml' }],
      },
    ],
    volumes: [{ name: 'p', configMap: { name: 'read-from' } }],
  })
  const source = (text: string, key = 'p.yml') =>
    boardFile({ namespace: 'observability', name: 'read-from', data: { [key]: text } })
  const one = 'providers: [{ options: { path: /tmp/boards }, updateIntervalSeconds: 30 }]'
  /** Of a Grafana that lacks every dashboard. */
  const askLacking = (...objects: readonly KubernetesObject[]) => {
    const { cluster } = ask([provided, grafanaPod, ...objects])
    const http: typeof cluster.http = query =>
      query.service === 'grafana'
        ? Promise.resolve({ ok: true, value: { status: 404, body: { message: 'Dashboard not found' } } })
        : cluster.http(query)
    return factSource({ ...cluster, http }, { fallbackNamespaces: [] }).fact('dashboardProviders')
  }

  it('are not read where Grafana has the dashboard', async () => {
    const { cluster, fact } = ask([provided, grafanaPod, source(one)])
    expect(await fact('dashboardProviders')).toEqual({ ok: true, value: { items: [], unread: [] } })
    expect(cluster.asked.filter(line => line.includes('read-from'))).toEqual([])
  })

  it('are read from the ConfigMap that is mounted where Grafana looks', async () => {
    expect(await askLacking(source(one))).toMatchObject({
      ok: true,
      value: {
        items: [
          {
            grafana: { kind: 'Deployment', name: 'kps-grafana' },
            providers: [{ path: '/tmp/boards', seconds: 30, ref: { kind: 'ConfigMap', name: 'read-from' } }],
          },
        ],
      },
    })
  })

  it.each([
    ['another key', [source(one, 'q.yml')]],
    ['a variable in a path', [source(one.replace('/tmp', '$HOME'))]],
    ['no ConfigMap', []],
  ])('leave a Grafana out of which they cannot be told: %s', async (_, objects) => {
    expect(await askLacking(...objects)).toMatchObject({ ok: true, value: { items: [] } })
  })
})
