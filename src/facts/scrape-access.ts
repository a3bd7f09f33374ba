import type { AccessQuery } from '../cluster/cluster.ts'
import { refOf, serviceAccountRef } from '../kubernetes/object-ref.ts'
import type { Prometheus, ServiceMonitor } from '../model/kubernetes.ts'
import type { ScrapeAccess } from '../model/prometheus.ts'
import type { Read } from '../model/read.ts'
import { namespacesSearched } from '../prometheus/discovery.ts'
import { monitorsOf } from '../prometheus/monitors-of-chain.ts'
import { accessAnswers } from './access-answers.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { together } from './listing.ts'

type Needed = ScrapeAccess['answers'][number]['needed']

/**
 * What the Prometheus ServiceAccounts may do of what service discovery and the scrape need, by the API server's own
 * access review: it knows authorizers that no Role shows.
 */
export const scrapeAccess: FactReader<'scrapeAccess'> = async context => {
  const [chains, monitors, prometheuses] = await Promise.all([
    context.fact('chains'),
    context.fact('serviceMonitors'),
    context.fact('prometheuses'),
  ])
  if (!chains.ok) return chains
  if (!monitors.ok) return monitors
  if (!prometheuses.ok) return prometheuses
  const relevant = chains.value.items.flatMap(chain => monitorsOf(chain, monitors.value.items))
  return together(
    await Promise.all(prometheuses.value.items.map(prometheus => accessOf(context, prometheus, relevant))),
  )
}

const accessOf = async (
  { cluster }: ReadContext,
  prometheus: Prometheus,
  monitors: readonly ServiceMonitor[],
): Promise<Read<readonly ScrapeAccess[]>> => {
  const namespace = prometheus.metadata.namespace ?? ''
  const account = { namespace, name: prometheus.spec?.serviceAccountName ?? 'default' }
  const answers = await accessAnswers(cluster, account, needsOf(prometheus, monitors), attributesOf)
  if (!answers.ok) return answers
  return {
    ok: true,
    value: [
      {
        prometheus: refOf(prometheus),
        serviceAccount: serviceAccountRef(namespace, account.name),
        answers: answers.value,
      },
    ],
  }
}

/**
 * Discovery of one namespace starts only when services, pods and endpoints have all been listed. A right to list
 * without a right to watch is not seen in practice, so it is not asked for. The operator authorizes /metrics and
 * nothing else: another path answers 404 to everybody.
 */
const needsOf = (prometheus: Prometheus, monitors: readonly ServiceMonitor[]): readonly Needed[] => {
  const searched = monitors.map(monitor => namespacesSearched(monitor, prometheus))
  const namespaces = searched.includes('all') ? [undefined] : [...new Set(searched.flat())]
  const endpoints = prometheus.spec?.serviceDiscoveryRole === 'EndpointSlice' ? 'endpointslices' : 'endpoints'
  const lists = namespaces.flatMap(namespace =>
    ['services', endpoints, 'pods'].map(resource => ({
      verb: 'list',
      resource,
      ...(namespace === undefined ? {} : { namespace }),
    })),
  )
  const authenticates = monitors.some(({ spec }) =>
    (spec?.endpoints ?? []).some(({ bearerTokenFile }) => bearerTokenFile),
  )
  return [...lists, ...(authenticates ? [{ verb: 'get', path: '/metrics' }] : [])]
}

const attributesOf = ({ verb, resource, namespace, path }: Needed): AccessQuery['attributes'] =>
  path === undefined
    ? {
        verb,
        resource: resource ?? '',
        group: resource === 'endpointslices' ? 'discovery.k8s.io' : '',
        ...(namespace === undefined ? {} : { namespace }),
      }
    : { verb, path }
