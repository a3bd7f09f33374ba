import { kubectl, kubectlWith } from '../test/lab/tools.ts'

const namespaces = ['bench-a', 'bench-b', 'bench-c', 'bench-d'] as const
const label = { 'bench.dynamo-metrics/unrelated': 'true' }

/** Makes this many Services, ServiceMonitors, ConfigMaps and Pods that have nothing to do with any operator. */
export const addUnrelated = async (count: number): Promise<void> => {
  await apply(namespaces.map(name => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: label } })))
  const objects = Array.from({ length: count }, (_, index) => index).flatMap(unrelated)
  const share = Math.ceil(objects.length / 8)
  await Promise.all(Array.from({ length: 8 }, (_, part) => apply(objects.slice(part * share, (part + 1) * share))))
}

export const removeUnrelated = (): Promise<string> =>
  kubectl('delete', 'namespace', '-l', 'bench.dynamo-metrics/unrelated', '--ignore-not-found', '--wait=true')

/** Nothing of it does anything: the pods ask for a node that is not there, the ServiceMonitors list no endpoint. */
const unrelated = (index: number): readonly object[] => {
  const metadata = {
    name: `unrelated-${index}`,
    namespace: namespaces[index % namespaces.length],
    labels: { app: `app-${index}`, ...label },
  }
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { clusterIP: 'None', selector: { app: 'none' }, ports: [{ name: 'http', port: 80 }] },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'settings.yaml': 'level: info\n'.repeat(20) } },
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'ServiceMonitor',
      metadata,
      spec: { selector: { matchLabels: { app: 'none' } }, endpoints: [] },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: {
        nodeSelector: { 'bench.dynamo-metrics/node': 'none' },
        containers: [{ name: 'main', image: 'registry.example/none:1' }],
      },
    },
  ]
}

const apply = async (items: readonly object[]): Promise<void> => {
  if (items.length > 0)
    await kubectlWith(
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
      'create',
      '-f',
      '-',
      '--save-config=false',
      '--validate=false',
    )
}
