import type { Cluster } from '../cluster/cluster.ts'
import { refOf } from '../kubernetes/object-ref.ts'
import { selectsPod } from '../kubernetes/workloads.ts'
import type { Prometheus } from '../model/kubernetes.ts'
import type { ConfigSecret, Way, Waypoints } from '../model/waypoints.ts'
import { configSecretOf } from '../prometheus/config-secret.ts'
import type { ReadContext } from './fact-reader.ts'

type Around = Pick<ReadContext, 'cluster' | 'fact'>

/** Reads, while a change is on its way, what no check needs: it is asked for again and again, so it is little. */
export const lookAlong = (way: Way, around: Around): Promise<Waypoints> => looks[way](around)

const looks: Readonly<Record<Way, (around: Around) => Promise<Waypoints>>> = {
  metrics: async ({ cluster, fact }) => {
    const prometheuses = await fact('prometheuses')
    if (!prometheuses.ok || prometheuses.value.unread.length > 0) return {}
    const secrets = await Promise.all(prometheuses.value.items.map(prometheus => secretOf(cluster, prometheus)))
    return secrets.includes('unread') ? {} : { configSecrets: secrets.filter(secret => typeof secret === 'object') }
  },
  dashboard: async ({ cluster, fact }) => {
    const [grafanas, pods] = await Promise.all([fact('grafanas'), fact('grafanaPods')])
    if (!grafanas.ok || !pods.ok) return {}
    const logs = await Promise.all(
      grafanas.value.items.flatMap(({ workload, sidecar }) =>
        pods.value.items.flatMap(pod => {
          const { namespace, name } = pod.metadata
          if (!sidecar || namespace === undefined || !selectsPod(workload, pod)) return []
          return cluster.logs({ namespace, pod: name, container: sidecar.container, tailLines: 50 })
        }),
      ),
    )
    return { sidecarLines: logs.flatMap(log => (log.ok ? log.value : [])) }
  },
}

/** Its metadata alone: the credentials of all jobs stand in it. */
const secretOf = async (cluster: Cluster, prometheus: Prometheus): Promise<ConfigSecret | 'unread' | 'none'> => {
  const ref = refOf(prometheus)
  const secret = await cluster.get({ ...configSecretOf(ref), resource: 'secrets', metadataOnly: true })
  if (!secret.ok) return 'unread'
  const resourceVersion = secret.value?.metadata.resourceVersion
  return resourceVersion === undefined ? 'none' : { prometheus: ref, resourceVersion }
}
