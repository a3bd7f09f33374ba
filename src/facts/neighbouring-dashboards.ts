import { keysByManagers } from '../grafana/dashboard-keys.ts'
import { refOf, sameObject } from '../kubernetes/object-ref.ts'
import type { ExpectedDashboard } from '../model/chain.ts'
import type { DashboardFile, LabelledConfigMap } from '../model/grafana.ts'
import type { ConfigMap, KubernetesObject } from '../model/kubernetes.ts'
import type { Read } from '../model/read.ts'
import type { FactReader, ReadContext } from './fact-reader.ts'
import { kinds } from './kinds.ts'
import { gather } from './listing.ts'

/**
 * The other ConfigMaps from which sidecars take dashboards. Their keys are told by managedFields, so only those are
 * read whole that may clash with a dashboard of a chain: one with a key of the same name, or named like it. Manifests
 * have no managedFields, and reading them costs nothing.
 */
export const neighbouringDashboards: FactReader<'neighbouringDashboards'> = async context => {
  const [chains, files, labelled] = await Promise.all([
    context.fact('chains'),
    context.fact('dashboardFiles'),
    context.fact('labelledConfigMaps'),
  ])
  if (!chains.ok) return chains
  if (!files.ok) return files
  if (!labelled.ok) return labelled
  const expected = chains.value.items.map(({ dashboard }) => dashboard)
  const others = labelled.value.items.filter(
    object => !files.value.items.some(({ configMap }) => sameObject(refOf(configMap), refOf(object))),
  )
  const read = gather(await Promise.all(others.map(object => neighbour(context, object, expected, files.value.items))))
  if (!read.ok) return read
  return {
    ok: true,
    value: { ...labelled.value, items: read.value.items, unread: [...labelled.value.unread, ...read.value.unread] },
  }
}

const neighbour = async (
  { cluster }: ReadContext,
  object: KubernetesObject,
  expected: readonly ExpectedDashboard[],
  files: readonly DashboardFile[],
): Promise<Read<LabelledConfigMap | undefined>> => {
  const keys = keysByManagers(object)
  if (keys !== undefined && !mayClash(object, keys, expected, files)) return { ok: true, value: { object, keys } }
  const { namespace, name } = object.metadata
  const read = (await cluster.get({
    ...kinds.configMap,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  })) as Read<ConfigMap | undefined>
  if (!read.ok) return keys === undefined ? read : { ok: true, value: { object, keys } }
  const configMap = read.value
  return {
    ok: true,
    value: configMap && {
      object,
      keys: [...Object.keys(configMap.data ?? {}), ...Object.keys(configMap.binaryData ?? {})],
      configMap,
    },
  }
}

/** Whether a ConfigMap has a key of a dashboard, or bears all the words of its uid in its name or its keys. */
const mayClash = (
  { metadata }: KubernetesObject,
  keys: readonly string[],
  expected: readonly ExpectedDashboard[],
  files: readonly DashboardFile[],
): boolean => {
  const text = [metadata.name, ...keys].join(' ').toLowerCase()
  const own = new Set([
    ...expected.map(({ configMap }) => configMap.key),
    ...files.flatMap(({ configMap }) => Object.keys(configMap.data ?? {})),
  ])
  return keys.some(key => own.has(key)) || expected.some(({ uid }) => uid.split('-').every(word => text.includes(word)))
}
