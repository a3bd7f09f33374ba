import type { Sidecar } from '../model/grafana.ts'
import { isOn, type SettingName } from './sidecar-settings.ts'
import { isBefore } from './sidecar-version.ts'

export interface NeededAccess {
  readonly verb: string
  readonly resource: string
  /** Absent: in all namespaces. */
  readonly namespace?: string
  readonly name?: string
}

/**
 * What a sidecar's ServiceAccount must be allowed for its ConfigMaps to arrive; nothing where `isAccessKnown` says
 * no.
 * From 1.31.0 the sidecar lists everything once before it watches and ends when one list is refused; with
 * RESOURCE=both Secrets come first, so theirs is needed too. Before, each kind runs on its own, and a refusal of
 * Secrets leaves ConfigMaps alone, but for METHOD=LIST, which has always ended so.
 */
export const accessNeeded = (sidecar: Sidecar, grafanaNamespace: string): readonly NeededAccess[] => {
  if (!isAccessKnown(sidecar)) return []
  const searched = searchedNamespaces(sidecar, grafanaNamespace)
  const places = searched === 'ALL' ? ['ALL'] : [...new Set(searched)].filter(isNamespaceName)
  return kindsOf(sidecar).flatMap(kind => places.flatMap(place => accessIn(sidecar, kind, place)))
}

/**
 * Whether the pod template says who asks for what: its settings can be read, and no KUBECONFIG gives the sidecar other
 * credentials than its ServiceAccount's.
 */
export const isAccessKnown = ({ settings, unreadable }: Sidecar): boolean =>
  settings.KUBECONFIG === undefined && !accessSettings.some(name => unreadable.includes(name))

const accessSettings: readonly SettingName[] = ['NAMESPACE', 'RESOURCE', 'METHOD', 'RESOURCE_NAME', 'KUBECONFIG']

/**
 * The namespaces a sidecar looks in: the entries are taken as they are, without trimming. Before 1.13.0 the setting
 * was one name.
 */
export const searchedNamespaces = (sidecar: Sidecar, grafanaNamespace: string): readonly string[] | 'ALL' => {
  const { NAMESPACE = grafanaNamespace } = sidecar.settings
  const entries = isBefore(sidecar, '1.13.0') ? [NAMESPACE] : NAMESPACE.split(',')
  return entries.includes('ALL') ? 'ALL' : entries
}

type SidecarKind = 'configmap' | 'secret'

/**
 * The names by which a sidecar fetches what it wants of a kind in a namespace, which leaves labels out of account
 * (RESOURCE_NAME); none where it goes by label. An entry is `name`, `kind/name` or `namespace/kind/name`; with all
 * three the kind is not looked at. Where no entry applies it goes by label after all. Nothing is trimmed.
 */
export const fetchedNames = (
  { settings: { RESOURCE_NAME = '' } }: Sidecar,
  kind: SidecarKind,
  namespace: string,
): readonly string[] =>
  RESOURCE_NAME === ''
    ? []
    : RESOURCE_NAME.split(',').flatMap(entry => {
        const parts = entry.split('/').reverse()
        const [name = '', ofKind, ofNamespace] = parts
        const applies = parts.length === 3 ? ofNamespace === namespace : parts.length !== 2 || ofKind === kind
        return applies ? [name] : []
      })

/**
 * Whether a sidecar looks again after SLEEP_TIME instead of watching: it is told to, or it has names to fetch in a
 * namespace that it searches by name.
 */
export const isPolling = (sidecar: Sidecar): boolean | 'unknown' => {
  const byName = fetchesByName(sidecar)
  if (sidecar.settings.METHOD === 'SLEEP' || byName === true) return true
  return sidecar.unreadable.includes('METHOD') ? 'unknown' : byName
}

const fetchesByName = ({ settings: { NAMESPACE = '', RESOURCE_NAME }, unreadable }: Sidecar): boolean | 'unknown' => {
  if (RESOURCE_NAME === '' || NAMESPACE.split(',').includes('ALL')) return false
  if (RESOURCE_NAME === undefined) return unreadable.includes('RESOURCE_NAME') ? 'unknown' : false
  return unreadable.includes('NAMESPACE') ? 'unknown' : true
}

/**
 * Whether a file outlives the look at the next namespace. 2.7.1 to 2.8.0 then take it away; the watch brings it back at
 * once, unless IGNORE_ALREADY_PROCESSED has it pass over what has not changed. Without a watch it is a race.
 */
export const keepsFiles = (sidecar: Sidecar): boolean | 'unknown' => {
  if (!isBefore(sidecar, '2.8.1') || isBefore(sidecar, '2.7.1')) return true
  const ignores = isOn(sidecar, 'IGNORE_ALREADY_PROCESSED')
  const watches = sidecar.settings.METHOD !== 'LIST' && isPolling(sidecar) === false
  return watches && ignores !== 'unknown' ? !ignores : 'unknown'
}

const accessIn = (sidecar: Sidecar, kind: SidecarKind, place: string): readonly NeededAccess[] => {
  const resource = `${kind}s`
  if (place === 'ALL') return verbsOf(sidecar).map(verb => ({ verb, resource }))
  const names = fetchedNames(sidecar, kind, place)
  return names.length > 0
    ? names.map(name => ({ verb: 'get', resource, namespace: place, name }))
    : verbsOf(sidecar).map(verb => ({ verb, resource, namespace: place }))
}

/** Whether a sidecar looks at each kind and each namespace on its own, so that a refusal of one leaves the rest alone. */
export const looksOnItsOwn = (sidecar: Sidecar): boolean =>
  isBefore(sidecar, '1.31.0') && sidecar.settings.METHOD !== 'LIST'

const kindsOf = (sidecar: Sidecar): readonly SidecarKind[] => {
  const { RESOURCE = 'configmap' } = sidecar.settings
  if (RESOURCE === 'configmap') return ['configmap']
  if (RESOURCE !== 'both') return []
  return looksOnItsOwn(sidecar) ? ['configmap'] : ['configmap', 'secret']
}

/** METHOD other than LIST and SLEEP means watching. */
const verbsOf = (sidecar: Sidecar): readonly string[] =>
  sidecar.settings.METHOD === 'LIST' || isPolling(sidecar) === true ? ['list'] : ['list', 'watch']

const isNamespaceName = (name: string): boolean => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)
