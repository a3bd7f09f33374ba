import type { Sidecar } from '../model/grafana.ts'
import { isBefore } from './sidecar-version.ts'

export interface NeededAccess {
  readonly verb: string
  readonly resource: string
  /** Absent: in all namespaces. */
  readonly namespace?: string
}

/**
 * What a sidecar's ServiceAccount must be allowed for its ConfigMaps to arrive; nothing where that cannot be read
 * from its settings.
 * From 1.31.0 the sidecar lists everything once before it watches and ends when one list is refused; with
 * RESOURCE=both Secrets come first, so theirs is needed too. Before, each kind runs on its own, and a refusal of
 * Secrets leaves ConfigMaps alone.
 */
export const accessNeeded = (sidecar: Sidecar, grafanaNamespace: string): readonly NeededAccess[] => {
  const { settings, unreadable } = sidecar
  if (['NAMESPACE', 'RESOURCE', 'METHOD', 'RESOURCE_NAME'].some(name => unreadable.includes(name))) return []
  const searched = searchedNamespaces(sidecar, grafanaNamespace)
  const places = searched === 'ALL' ? [undefined] : [...new Set(searched)].filter(isNamespaceName)
  return resourcesOf(sidecar).flatMap(resource =>
    places.flatMap(namespace =>
      verbsOf(sidecar, searched === 'ALL' ? undefined : settings.RESOURCE_NAME).map(verb => ({
        verb,
        resource,
        ...(namespace === undefined ? {} : { namespace }),
      })),
    ),
  )
}

/**
 * The namespaces a sidecar looks in: the entries are taken as they are, without trimming. Before 1.13.0 the setting
 * was one name.
 */
export const searchedNamespaces = (sidecar: Sidecar, grafanaNamespace: string): readonly string[] | 'ALL' => {
  const { NAMESPACE = grafanaNamespace } = sidecar.settings
  const entries = isBefore(sidecar, '1.13.0') ? [NAMESPACE] : NAMESPACE.split(',')
  return entries.includes('ALL') ? 'ALL' : entries
}

const resourcesOf = (sidecar: Sidecar): readonly string[] => {
  const { RESOURCE = 'configmap' } = sidecar.settings
  if (RESOURCE === 'configmap') return ['configmaps']
  if (RESOURCE !== 'both') return []
  return isBefore(sidecar, '1.31.0') ? ['configmaps'] : ['configmaps', 'secrets']
}

/** By name each object is fetched on its own; METHOD other than LIST and SLEEP means watching. */
const verbsOf = (sidecar: Sidecar, resourceName: string | undefined): readonly string[] => {
  if (resourceName && !isBefore(sidecar, '1.29.0')) return ['get']
  return sidecar.settings.METHOD === 'LIST' || sidecar.settings.METHOD === 'SLEEP' ? ['list'] : ['list', 'watch']
}

const isNamespaceName = (name: string): boolean => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)
