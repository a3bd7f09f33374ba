import { expect, it } from 'vitest'
import { factSource } from '../../src/engine/fact-source.ts'
import type { Pod, RelabelConfig, ServiceMonitor } from '../../src/model/kubernetes.ts'
import { fakeCluster } from '../engine/fake-cluster.ts'
import { healthyWorld, serviceMonitor } from '../engine/world.ts'

const podIPs = [{ ip: '10.77.0.9' }, { ip: 'fd00::9' }]

/** The selectors that a Prometheus is asked for the families with, and for the targets, where the endpoint has these rules. */
const asked = async (rules: {
  readonly relabelings?: readonly RelabelConfig[]
  readonly metricRelabelings?: readonly RelabelConfig[]
}) => {
  const queries: string[] = []
  const { objects = [] } = healthyWorld()
  const ruled: ServiceMonitor = {
    ...serviceMonitor,
    spec: { ...serviceMonitor.spec, endpoints: [{ ...serviceMonitor.spec?.endpoints?.[0], ...rules }] },
  } as ServiceMonitor
  const world = healthyWorld({
    objects: objects.map(object => {
      if (object.kind === 'ServiceMonitor') return ruled
      return object.kind === 'Pod' ? { ...object, status: { ...(object as Pod).status, podIPs } } : object
    }),
    http: ({ path }) => {
      queries.push(decodeURIComponent(path))
      return { status: 'success', data: { resultType: 'vector', result: [] } }
    },
  })
  await factSource(fakeCluster(world), { fallbackNamespaces: [] }).fact('stored')
  const query = queries.find(one => one.includes('count by (__name__')) ?? ''
  return [/\{__name__=~"[^"]+",([^}]*)\}/.exec(query)?.[1], /count by \(instance\) \(up\{([^}]*)\}/.exec(query)?.[1]]
}

const service = 'service="dyn-dynamo-operator"'
const pod = 'pod=~"dyn-dynamo-operator-controller-manager-7d4f-x2"'
const addresses = String.raw`instance=~"(10\\.77\\.0\\.9|\\[fd00::9\\]):.+"`
const anyOf = 'controller="DynamoGraphDeployment"'
const away = (regex: string): readonly RelabelConfig[] => [{ action: 'labeldrop', regex }]

it.each<readonly [string, Parameters<typeof asked>[0], string, string]>([
  ['both labels', {}, `${service},${pod}`, pod],
  ['the pods alone', { relabelings: away('service|endpoint') }, pod, pod],
  ['the Service alone', { relabelings: away('pod|container') }, service, service],
  ['the Service alone of what is served', { metricRelabelings: away('pod') }, service, pod],
  ['the addresses of what is served', { metricRelabelings: away('pod|service') }, addresses, pod],
  ['the addresses alone', { relabelings: away('pod|service') }, addresses, addresses],
  ['any operator’s own', { metricRelabelings: away('pod|service|instance') }, anyOf, pod],
  ['any operator’s own alone', { relabelings: away('pod|service|instance') }, anyOf, anyOf],
])('an operator’s series are told by %s, as the rules leave them', async (_by, rules, ofSamples, ofTargets) => {
  expect(await asked(rules)).toEqual([ofSamples, ofTargets])
})
