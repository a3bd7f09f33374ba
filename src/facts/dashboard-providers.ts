import { isProviderFile, type ProviderSource, parseProviders, providerSources } from '../grafana/dashboard-providers.ts'
import { refOf, sameObject } from '../kubernetes/object-ref.ts'
import type { DashboardProvider, DashboardProviders, Grafana } from '../model/grafana.ts'
import type { ConfigMap } from '../model/kubernetes.ts'
import { itemsIn, type Read } from '../model/read.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { together } from './listing.ts'

/**
 * The providers of each Grafana but those that answer that they have every dashboard: where all is well they are not asked
 * for. A Grafana of which not all providers can be told is left out.
 */
export const dashboardProviders: FactReader<'dashboardProviders'> = async context => {
  const [grafanas, loaded] = await Promise.all([context.fact('grafanas'), context.fact('loadedDashboards')])
  if (!grafanas.ok) return grafanas
  const answers = itemsIn(loaded)
  const hasAll = ({ workload }: Grafana) =>
    answers.some(
      ({ grafana, dashboards }) =>
        sameObject(grafana, refOf(workload)) && dashboards.every(dashboard => dashboard.found),
    )
  const open = grafanas.value.items.filter(grafana => !hasAll(grafana))
  return together(await Promise.all(open.map(grafana => providersOf(context, grafana))))
}

const providersOf = async (context: ReadContext, grafana: Grafana): Promise<Read<readonly DashboardProviders[]>> => {
  const sources = grafana.sidecar && providerSources(grafana)
  if (!sources) return { ok: true, value: [] }
  const read = await Promise.all(sources.map(source => readSource(context, grafana, source)))
  const refused = read.find(answer => !answer.ok)
  if (refused && !refused.ok) return refused
  const files = read.map(answer => (answer.ok ? answer.value : undefined))
  return {
    ok: true,
    value: files.every(providers => providers !== undefined)
      ? [{ grafana: refOf(grafana.workload), providers: files.flat() }]
      : [],
  }
}

const readSource = async (
  { cluster }: ReadContext,
  { workload: { metadata } }: Grafana,
  { configMap: name, key }: ProviderSource,
): Promise<Read<readonly DashboardProvider[] | undefined>> => {
  const { namespace = 'default' } = metadata
  const read = (await cluster.get({ ...kinds.configMap, namespace, name })) as Read<ConfigMap | undefined>
  if (!read.ok) return read
  const configMap = read.value
  const texts = Object.entries(configMap?.data ?? {}).filter(([own]) =>
    key === undefined ? isProviderFile(own) : own === key,
  )
  if (!configMap || (key !== undefined && texts.length === 0)) return { ok: true, value: undefined }
  const ref = refOf(configMap)
  const providers = texts.map(([, text]) => parseProviders(text)?.map(provider => ({ ...provider, ref })))
  return { ok: true, value: providers.every(one => one !== undefined) ? providers.flat() : undefined }
}
