import { kubectl } from '../test/lab/api.ts'
import { core, get, monitoring, send } from '../test/lab/cluster.ts'
import { waitFor } from '../test/lab/wait.ts'

const namespaces = ['bench-a', 'bench-b', 'bench-c', 'bench-d']
const labels = { 'bench.dynamo-metrics/unrelated': 'true' }
/** So many requests are under way at once: more of them only queue in the API server. */
const atOnce = 32

/** Makes Services, ServiceMonitors, ConfigMaps and Pods, of each those numbered `from` to `to`, that concern nobody. */
export const addUnrelated = async (from: number, to: number): Promise<void> => {
  await Promise.all(namespaces.map(ensureNamespace))
  const requests = Array.from({ length: to - from }, (_, index) => from + index).flatMap(creations)
  const next = requests.values()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const [path, object] of next) await send('POST', path, object)
    }),
  )
}

export const removeUnrelated = async (): Promise<void> => {
  await kubectl(
    'delete',
    'namespaces',
    '-l',
    Object.entries(labels)[0]?.join('=') ?? '',
    '--wait=true',
    '--timeout=300s',
  )
}

/** A pod is refused until the namespace has its ServiceAccount. */
const ensureNamespace = async (name: string): Promise<void> => {
  if (!(await get(`/api/v1/namespaces/${name}`)))
    await send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })
  const ready = async () => (await get(core(name, 'serviceaccounts', 'default'))) !== undefined
  await waitFor(ready, { what: `the ServiceAccount of namespace ${name}`, seconds: 30 })
}

/** Nothing of it makes anybody work: no selector, no endpoint, a scheduler that is not there. */
const creations = (index: number): readonly (readonly [path: string, object: object])[] => {
  const namespace = namespaces[index % namespaces.length] ?? ''
  const metadata = { name: `unrelated-${index}`, namespace, labels: { app: `app-${index}`, ...labels } }
  const monitor = { selector: { matchLabels: { app: 'none' } }, endpoints: [{ port: 'none' }] }
  const pod = { schedulerName: 'none', containers: [{ name: 'main', image: 'registry.example/none:1' }] }
  return [
    [core(namespace, 'services'), { metadata, spec: { clusterIP: 'None', ports: [{ name: 'http', port: 80 }] } }],
    [core(namespace, 'configmaps'), { metadata, data: { 'settings.yaml': 'level: info\n'.repeat(20) } }],
    [core(namespace, 'pods'), { metadata, spec: pod }],
    [monitoring(namespace, 'servicemonitors'), { ...monitorKind, metadata, spec: monitor }],
  ]
}

const monitorKind = { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor' }
