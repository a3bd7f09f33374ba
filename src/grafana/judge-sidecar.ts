import type { Sidecar } from '../model/grafana.ts'
import type { ConfigMap } from '../model/kubernetes.ts'
import { dashboardKeys } from './dashboard-keys.ts'
import type { SettingName } from './read-sidecar.ts'
import { searchedNamespaces } from './sidecar.ts'
import { isBefore } from './sidecar-version.ts'

/** One condition under which a ConfigMap becomes a file that Grafana reads. */
export interface SidecarGate {
  readonly gate: 'resource' | 'namespace' | 'name' | 'label-key' | 'label-value' | 'file'
  readonly passes: boolean | 'unknown'
  /** Where `actual` stands, in the ConfigMap, or in the sidecar's environment where it is a setting. */
  readonly path: string
  readonly expected: string
  readonly actual: string
}

export interface SidecarInput {
  readonly sidecar: Sidecar
  /** Where the sidecar looks when NAMESPACE is not set. */
  readonly grafanaNamespace: string
  readonly configMap: ConfigMap
}

/**
 * Judges a ConfigMap by the sidecar's own rules, gate by gate (k8s-sidecar src/resources.py). Every gate is judged,
 * also behind one that fails; a gate is unknown where a setting it needs cannot be read from the pod template.
 */
export const judgeSidecar = (input: SidecarInput): readonly SidecarGate[] => [
  resourceGate(input),
  namespaceGate(input),
  nameGate(input),
  ...labelGates(input),
  fileGate(input),
]

/** Whether the sidecar fetches ConfigMaps by name, which leaves labels out of account (RESOURCE_NAME, from 1.29.0). */
const fetchesByName = ({ sidecar, grafanaNamespace, configMap }: SidecarInput): boolean =>
  namesFor({ sidecar, grafanaNamespace, configMap }).length > 0

const canRead = ({ unreadable }: Sidecar, ...names: readonly SettingName[]): boolean =>
  !names.some(name => unreadable.includes(name))

const watchedKinds: ReadonlySet<string> = new Set(['configmap', 'both'])

const resourceGate = ({ sidecar }: SidecarInput): SidecarGate => ({
  gate: 'resource',
  passes: canRead(sidecar, 'RESOURCE') ? watchedKinds.has(sidecar.settings.RESOURCE ?? 'configmap') : 'unknown',
  path: 'RESOURCE',
  expected: 'configmap or both',
  actual: shown(sidecar, 'RESOURCE'),
})

const namespaceGate = ({ sidecar, grafanaNamespace, configMap }: SidecarInput): SidecarGate => {
  const namespace = configMap.metadata.namespace ?? 'default'
  const searched = searchedNamespaces(sidecar, grafanaNamespace)
  return {
    gate: 'namespace',
    passes: canRead(sidecar, 'NAMESPACE') ? searched === 'ALL' || searched.includes(namespace) : 'unknown',
    path: 'NAMESPACE',
    expected: `ALL, or ${namespace} among its entries`,
    actual:
      sidecar.settings.NAMESPACE === undefined && canRead(sidecar, 'NAMESPACE')
        ? `not set: only Grafana’s own namespace, ${grafanaNamespace}`
        : shown(sidecar, 'NAMESPACE'),
  }
}

const nameGate = (input: SidecarInput): SidecarGate => {
  const { sidecar, configMap } = input
  const names = namesFor(input)
  return {
    gate: 'name',
    passes: canRead(sidecar, 'RESOURCE_NAME')
      ? names.length === 0 || names.includes(configMap.metadata.name)
      : 'unknown',
    path: 'RESOURCE_NAME',
    expected: `not set, or ${configMap.metadata.name} among its entries`,
    actual: shown(sidecar, 'RESOURCE_NAME'),
  }
}

/**
 * The entries of RESOURCE_NAME that apply here: `name`, `kind/name` or `namespace/kind/name`. With NAMESPACE=ALL the
 * sidecar ignores the setting; where no entry applies it goes by label.
 */
const namesFor = ({ sidecar, grafanaNamespace, configMap }: SidecarInput): readonly string[] => {
  const listed = sidecar.settings.RESOURCE_NAME ?? ''
  if (listed === '' || isBefore(sidecar, '1.29.0')) return []
  if (searchedNamespaces(sidecar, grafanaNamespace) === 'ALL') return []
  return listed.split(',').flatMap(entry => {
    const [name = '', kind = 'configmap', namespace = configMap.metadata.namespace] = entry.split('/').reverse()
    return kind === 'configmap' && namespace === configMap.metadata.namespace ? [name] : []
  })
}

const labelGates = (input: SidecarInput): readonly [SidecarGate, SidecarGate] => {
  const { sidecar, configMap } = input
  const { LABEL = '', LABEL_VALUE = '' } = sidecar.settings
  const labels = configMap.metadata.labels ?? {}
  const found = labels[LABEL]
  const known = canRead(sidecar, 'LABEL', 'RESOURCE_NAME') && isPlain(LABEL)
  const byName = fetchesByName(input)
  const hasKey = byName || found !== undefined
  return [
    {
      gate: 'label-key',
      passes: known ? hasKey : 'unknown',
      path: `metadata.labels.${LABEL}`,
      expected: `a label ${LABEL}`,
      actual: found === undefined ? 'no such label' : found,
    },
    {
      gate: 'label-value',
      passes: known && canRead(sidecar, 'LABEL_VALUE') ? byName || valueMatches(labels, LABEL, LABEL_VALUE) : 'unknown',
      path: `metadata.labels.${LABEL}`,
      expected: LABEL_VALUE === '' ? 'any value' : LABEL_VALUE,
      actual: found === undefined ? 'no such label' : found,
    },
  ]
}

/** LABEL and LABEL_VALUE are pasted into a label selector: anything but a plain key has a meaning of its own. */
const isPlain = (key: string): boolean => /^[A-Za-z0-9./_-]+$/.test(key)

/**
 * `LABEL=LABEL_VALUE` as the API server reads it, where the value is not empty. A comma begins another condition:
 * `1,true` asks for the value 1 and for a label of the name `true`.
 */
const valueMatches = (labels: Readonly<Record<string, string>>, key: string, value: string): SidecarGate['passes'] => {
  if (value === '') return labels[key] !== undefined
  const [own = '', ...others] = value.split(',')
  if (!others.every(isPlain) || !isPlain(own)) return 'unknown'
  return labels[key] === own && others.every(other => labels[other] !== undefined)
}

/** A file counts only where Grafana's provider looks: below the folder, outside hidden directories, named *.json. */
const fileGate = ({ sidecar, configMap }: SidecarInput): SidecarGate => {
  const folder = folderOf(sidecar, configMap)
  if (folder !== undefined && !isVisible(folder, sidecar.settings.FOLDER))
    return {
      gate: 'file',
      passes: canRead(sidecar, 'FOLDER', 'FOLDER_ANNOTATION') ? false : 'unknown',
      path: `metadata.annotations.${annotationOf(sidecar)}`,
      expected: `a directory below ${sidecar.settings.FOLDER ?? 'the folder of dashboards'}`,
      actual: folder,
    }
  const keys = [...Object.keys(configMap.data ?? {}), ...Object.keys(configMap.binaryData ?? {})]
  return {
    gate: 'file',
    passes: dashboardKeys(configMap).length > 0,
    path: 'data',
    expected: 'a key that ends in .json',
    actual: keys.length === 0 ? 'no data' : keys.join(', '),
  }
}

const annotationOf = ({ settings }: Sidecar): string => settings.FOLDER_ANNOTATION || 'k8s-sidecar-target-directory'

const folderOf = (sidecar: Sidecar, { metadata }: ConfigMap): string | undefined =>
  metadata.annotations?.[annotationOf(sidecar)]

/** An absolute directory outside the shared volume is written to the sidecar's own disk, where Grafana sees nothing. */
const isVisible = (folder: string, base: string | undefined): boolean => {
  const parts = folder.split('/')
  if (parts.some(part => part.startsWith('.') && part !== '.')) return false
  if (!folder.startsWith('/') || base === undefined) return true
  const root = base.replace(/\/+$/, '')
  return folder === root || folder.startsWith(`${root}/`)
}

const shown = (sidecar: Sidecar, name: SettingName): string =>
  sidecar.unreadable.includes(name) ? 'set from elsewhere' : (sidecar.settings[name] ?? 'not set')
