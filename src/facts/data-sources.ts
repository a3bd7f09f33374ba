import type { ListQuery } from '../cluster/cluster.ts'
import { parseDataSources } from '../grafana/api.ts'
import { judgeSidecar, selectorOf } from '../grafana/judge-sidecar.ts'
import { searchedNamespaces } from '../grafana/sidecar.ts'
import { matchesLabelQuery } from '../kubernetes/label-query.ts'
import { refOf } from '../kubernetes/object-ref.ts'
import type { Grafana, GrafanaDataSources, Sidecar } from '../model/grafana.ts'
import type { ConfigMap, KubernetesObject, Pod } from '../model/kubernetes.ts'
import type { ObjectRef } from '../model/object-ref.ts'
import { itemsIn, type Listing, type Read } from '../model/read.ts'
import { askGrafana } from './ask-grafana.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { found, listEach, listEverywhere, together } from './listing.ts'

/**
 * The data sources of each Grafana, by its own answer; where it gives none, those of the ConfigMaps that its sidecar
 * fetches. What stands in Secrets is not read: where the sidecar fetches one of them, ConfigMaps are not the whole.
 */
export const dataSources: FactReader<'dataSources'> = async context => {
  const [chains, grafanas, pods] = await Promise.all([
    context.fact('chains'),
    context.fact('grafanas'),
    context.fact('grafanaPods'),
  ])
  if (!chains.ok) return chains
  if (!grafanas.ok) return grafanas
  if (chains.value.items.length === 0) return found([])
  const running = itemsIn(pods)
  return together(await Promise.all(grafanas.value.items.map(grafana => sourcesOf(context, grafana, running))))
}

const sourcesOf = async (
  context: ReadContext,
  grafana: Grafana,
  pods: readonly Pod[],
): Promise<Read<readonly GrafanaDataSources[]>> => {
  const ref = refOf(grafana.workload)
  const answer = await askGrafana(context, grafana, pods)?.('/api/datasources', parseDataSources)
  if (answer?.ok) return { ok: true, value: [{ grafana: ref, from: 'api', sources: answer.value }] }
  const configMaps = await provisioning(context, grafana)
  if (!configMaps.ok) return answer ?? configMaps
  const silent = answer ?? nobodyToAsk(context, ref)
  const { parseDataSourceFile } = await import('../grafana/data-source-file.ts')
  const sources = configMaps.value.items.flatMap(configMap =>
    Object.entries(configMap.data ?? {})
      .filter(([key]) => /\.ya?ml$/.test(key))
      .flatMap(([, text]) => parseDataSourceFile(text).map(source => ({ ...source, ref: refOf(configMap) }))),
  )
  if (sources.length === 0 || (await mayFetchSecrets(context, grafana))) return silent
  return { ok: true, value: [{ grafana: ref, from: 'configMaps', sources }] }
}

/** That no ConfigMap holds one proves nothing. */
const nobodyToAsk = ({ cluster }: ReadContext, { namespace, name }: ObjectRef): Read<never> => ({
  ok: false,
  unavailable: {
    why: cluster.source.live ? 'unreachable' : 'not-live',
    verb: 'get',
    resource: 'datasources (Grafana)',
    ...(namespace === undefined ? {} : { namespace }),
    name,
    message: 'Grafana has no ready pod to ask',
  },
})

const provisioning = async (
  context: ReadContext,
  { dataSourceSidecar, workload }: Grafana,
): Promise<Read<Listing<ConfigMap>>> => {
  if (!dataSourceSidecar?.settings.LABEL) return found([])
  const grafanaNamespace = workload.metadata.namespace ?? 'default'
  const listed = await labelled<ConfigMap>(context, dataSourceSidecar, grafanaNamespace, kinds.configMap)
  if (!listed.ok) return listed
  const items = listed.value.items.filter(configMap =>
    judgeSidecar({ sidecar: dataSourceSidecar, grafanaNamespace, configMap })
      .filter(({ gate }) => gate !== 'file')
      .every(({ passes }) => passes === true),
  )
  return { ok: true, value: { ...listed.value, items } }
}

const labelled = <T extends KubernetesObject>(
  context: ReadContext,
  sidecar: Sidecar,
  grafanaNamespace: string,
  kind: Pick<ListQuery, 'apiVersion' | 'kind' | 'resource' | 'metadataOnly'>,
): Promise<Read<Listing<T>>> => {
  const query = { ...kind, labelSelector: sidecar.settings.LABEL ?? '' }
  const searched = searchedNamespaces(sidecar, grafanaNamespace)
  return searched === 'ALL'
    ? listEverywhere<T>(context, query)
    : listEach<T>(
        context,
        searched.map(namespace => ({ ...query, namespace })),
      )
}

/** The chart's default is RESOURCE=both. That no Secret is among what the sidecar fetches is known by their names and labels alone. */
const mayFetchSecrets = async (context: ReadContext, { dataSourceSidecar, workload }: Grafana): Promise<boolean> => {
  if (dataSourceSidecar?.settings.LABEL === undefined) return false
  const { settings, unreadable } = dataSourceSidecar
  if (!unreadable.includes('RESOURCE') && (settings.RESOURCE ?? 'configmap') === 'configmap') return false
  const namespace = workload.metadata.namespace ?? 'default'
  const secrets = await labelled(context, dataSourceSidecar, namespace, { ...kinds.secret, metadataOnly: true })
  return (
    !secrets.ok ||
    secrets.value.unread.length > 0 ||
    secrets.value.items.some(({ metadata }) => matchesLabelQuery(selectorOf(dataSourceSidecar), metadata.labels ?? {}))
  )
}
