import { describe, expect, it } from 'vitest'
import { type DestinationName, destinations } from '../../src/command-line/destinations.ts'
import { factSource } from '../../src/engine/fact-source.ts'
import type { ReadContext } from '../../src/facts/fact-reader.ts'
import { refOf } from '../../src/kubernetes/object-ref.ts'
import type { KubernetesObject, Workload } from '../../src/model/kubernetes.ts'
import type { Narrowing } from '../../src/model/options.ts'
import { fakeCluster, type World } from '../engine/fake-cluster.ts'
import { healthyWorld, prometheus, readyPod, serviceMonitor } from '../engine/world.ts'

const find = (name: DestinationName, world: World, narrowed: Partial<Narrowing> = {}) => {
  const cluster = fakeCluster(world)
  const narrowing = { fallbackNamespaces: [], ...narrowed }
  return destinations[name]({ cluster, narrowing, fact: factSource(cluster, narrowing).fact })
}

const without = (kind: string, world = healthyWorld()): World => ({
  ...world,
  objects: (world.objects ?? []).filter(object => object.kind !== kind),
})

const second: KubernetesObject = { ...prometheus, metadata: { ...prometheus.metadata, name: 'other' } }

const refusing = (resource: string): World => healthyWorld({ refuses: ({ resource: asked }) => asked === resource })

describe('destinations', () => {
  it('is the one Prometheus there is, in a ready pod', async () => {
    expect(await find('prometheus', healthyWorld())).toMatchObject({
      what: 'Prometheus observability/kps',
      path: '/',
      at: { pod: { namespace: 'observability', port: 9090 } },
    })
  })

  it('names the address that a flag gave, and forwards nothing', async () => {
    const found = await find('prometheus', {}, { prometheusUrl: 'https://prometheus.example.com/x/' })
    expect(found).toMatchObject({ at: { address: 'https://prometheus.example.com/x' }, path: '/' })
    const grafana = await find('dashboard', {}, { grafanaUrl: 'https://boards.example.com/' })
    expect(grafana).toMatchObject({ at: { address: 'https://boards.example.com' }, path: '/d/dynamo-operator' })
  })

  it('chooses none of several where none has the metrics', async () => {
    const world = healthyWorld({ http: () => ({ status: 'success', data: { resultType: 'vector', result: [] } }) })
    const found = await find('prometheus', { ...world, objects: [...(world.objects ?? []), second] })
    expect(found).toEqual({ exitCode: 1, complaint: expect.stringContaining('--prometheus') })
  })

  it('says that Prometheus has no pool of the operator, and opens all targets', async () => {
    const http = () => ({ status: 'success', data: { scrapePools: ['serviceMonitor/elsewhere/x/0'] } })
    expect(await find('targets', healthyWorld({ http }))).toMatchObject({
      path: '/targets',
      notes: [expect.stringContaining('no scrape pool of the operator')],
    })
  })

  it('filters the targets by the pool that is there', async () => {
    const pool = 'serviceMonitor/inference/dyn-dynamo-operator-operator/0'
    const http = () => ({ status: 'success', data: { scrapePools: ['serviceMonitor/elsewhere/x/0', pool] } })
    const found = await find('targets', healthyWorld({ http }))
    if (!('path' in found)) throw new Error(found.complaint)
    const asked = new URL(found.path, 'http://x').searchParams
    expect([asked.get('pool'), asked.get('scrapePool')]).toEqual([pool, pool])
  })

  const ours = 'serviceMonitor/inference/dyn-dynamo-operator-operator/0'
  const twice: KubernetesObject = {
    ...serviceMonitor,
    spec: { ...serviceMonitor.spec, endpoints: [{ port: 'metrics' }, { port: 'metrics', path: '/more' }] },
  } as KubernetesObject
  const both: World = {
    ...without('ServiceMonitor'),
    objects: [...(without('ServiceMonitor').objects ?? []), twice],
  }

  it('tells of the operator’s other pools, which the page does not show', async () => {
    const more = ours.replace(/0$/, '1')
    const http = () => ({ status: 'success', data: { scrapePools: [ours, more] } })
    const found = await find('targets', { ...both, http })
    expect(found).toMatchObject({ notes: [expect.stringContaining(`Also of the operator: ${more}.`)] })
    expect(found).toMatchObject({ path: expect.stringContaining(encodeURIComponent(ours)) })
    const one = () => ({ status: 'success', data: { scrapePools: [more] } })
    expect(await find('targets', { ...both, http: one })).toMatchObject({
      path: expect.stringContaining(encodeURIComponent(more)),
      notes: [],
    })
  })

  it.each([
    ['503', { status: 503, body: undefined }],
    ['404, as of Mimir', { status: 404, body: undefined }],
    ['a login page', { status: 200, body: '<html>' }],
  ])('does not vouch for a pool where Prometheus answers %s', async (_, value) => {
    const cluster = { ...fakeCluster(healthyWorld()), http: async () => ({ ok: true as const, value }) }
    const narrowing = { fallbackNamespaces: [] }
    const found = await destinations.targets({ cluster, narrowing, fact: factSource(cluster, narrowing).fact })
    expect(found).toMatchObject({
      path: expect.stringContaining(encodeURIComponent(ours)),
      notes: [expect.stringContaining('is not known. Could not get pods/proxy')],
    })
  })

  it('says what could not be read, and not that there is no pool', async () => {
    const http = () => ({ status: 'success', data: { scrapePools: [ours] } })
    const refuses = ({ resource }: { readonly resource: string }) => resource.startsWith('servicemonitors')
    expect(await find('targets', healthyWorld({ http, refuses }))).toMatchObject({
      path: '/targets',
      notes: [expect.stringContaining('Could not list servicemonitors')],
    })
  })

  describe('of several Grafanas', () => {
    const labels = (name: string) => ({ 'app.kubernetes.io/name': 'grafana', 'app.kubernetes.io/instance': name })
    const board = (name: string): Workload =>
      ({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { namespace: 'observability', name },
        spec: { selector: { matchLabels: labels(name) } },
      }) as Workload
    const names = ['first', 'second']
    const opened = (found: readonly (boolean | undefined)[], shown: { readonly shownAs?: string } = {}) => {
      const facts: Readonly<Record<string, unknown>> = {
        grafanas: names.map(name => ({ workload: board(name), port: 3100 })),
        grafanaPods: names.map(name => readyPod(`${name}-1`, 'observability', labels(name))),
        loadedDashboards: names.flatMap((name, index) =>
          found[index] === undefined
            ? []
            : [
                {
                  grafana: refOf(board(name)),
                  dashboards: [{ uid: 'dynamo-operator', found: found[index], ...shown }],
                },
              ],
        ),
      }
      const fact = (async (name: string) => ({
        ok: true,
        value: { items: facts[name], unread: [] },
      })) as ReadContext['fact']
      return destinations.dashboard({ cluster: fakeCluster({}), narrowing: { fallbackNamespaces: [] }, fact })
    }

    it('is the one that has the dashboard, and tells of the other', async () => {
      expect(await opened([false, true])).toMatchObject({
        what: 'Grafana observability/second',
        notes: [expect.stringContaining('observability/first')],
      })
    })

    it('has the dashboard under the uid that it is shown as', async () => {
      expect(await opened([false, true])).toMatchObject({ path: '/d/dynamo-operator' })
      expect(await opened([false, true], { shownAs: 'of-the-team' })).toMatchObject({ path: '/d/of-the-team' })
    })

    it('is one that did not answer before none', async () => {
      expect(await opened([false, undefined])).toMatchObject({ what: 'Grafana observability/second' })
    })

    it('is none where none has it', async () => {
      expect(await opened([false, false])).toEqual({
        exitCode: 1,
        complaint: expect.stringContaining('observability/first, observability/second'),
      })
    })
  })

  it.each<[DestinationName, World, number, string]>([
    ['prometheus', without('Prometheus'), 1, 'no Prometheus'],
    ['prometheus', without('Pod'), 1, 'No pod of Prometheus observability/kps is ready'],
    ['grafana', without('Deployment'), 1, 'no Grafana'],
    ['prometheus', refusing('prometheuses.monitoring.coreos.com'), 3, 'prometheuses.monitoring.coreos.com'],
    ['grafana', refusing('deployments.apps'), 3, 'deployments.apps'],
  ])('%s: nothing is opened that is not there or not seen (%#)', async (name, world, exitCode, complaint) => {
    expect(await find(name, world)).toEqual({ exitCode, complaint: expect.stringContaining(complaint) })
  })
})
