import { posix } from 'node:path'
import { matchesLabelQuery } from '../kubernetes/label-query.ts'
import type { Sidecar } from '../model/grafana.ts'
import type { ConfigMap } from '../model/kubernetes.ts'
import { dashboardKeys } from './dashboard-keys.ts'
import { fetchedNames, keepsFiles, searchedNamespaces } from './sidecar.ts'
import { directoryAnnotation, directoryOf } from './sidecar-directory.ts'
import type { SettingName } from './sidecar-settings.ts'

/** One condition under which a ConfigMap becomes a file that Grafana reads. */
export interface SidecarGate {
  readonly gate: 'resource' | 'namespace' | 'name' | 'label-key' | 'label-value' | 'file' | 'kept'
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
  keptGate(input),
]

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
    passes: names === 'unknown' ? 'unknown' : names.length === 0 || names.includes(configMap.metadata.name),
    path: 'RESOURCE_NAME',
    expected: `not set, or ${configMap.metadata.name} among its entries`,
    actual: shown(sidecar, 'RESOURCE_NAME'),
  }
}

/** The names that the sidecar fetches in the ConfigMap's namespace; none with NAMESPACE=ALL, for which it goes by label. */
const namesFor = ({ sidecar, grafanaNamespace, configMap }: SidecarInput): readonly string[] | 'unknown' => {
  if (!canRead(sidecar, 'RESOURCE_NAME')) return 'unknown'
  const names = fetchedNames(sidecar, 'configmap', configMap.metadata.namespace ?? 'default')
  if (names.length > 0 && !canRead(sidecar, 'NAMESPACE')) return 'unknown'
  return searchedNamespaces(sidecar, grafanaNamespace) === 'ALL' ? [] : names
}

/**
 * Whether labels are left out of account: the sidecar fetches by name in the ConfigMap's namespace. Beside ALL an entry
 * that names the namespace fetches by name all the same, what the label brings and what the name brings.
 */
const isFetchedByName = (input: SidecarInput): boolean | 'unknown' => {
  const names = namesFor(input)
  if (names === 'unknown' || names.length > 0) return names === 'unknown' ? 'unknown' : true
  const { sidecar, configMap } = input
  const { namespace = 'default', name } = configMap.metadata
  const isNamed = (sidecar.settings.NAMESPACE ?? '').split(',').includes(namespace)
  return isNamed && fetchedNames(sidecar, 'configmap', namespace).includes(name)
}

/** Some versions take the files of one namespace away when they list the next, and may write them no more. */
const keptGate = ({ sidecar, grafanaNamespace, configMap }: SidecarInput): SidecarGate => {
  const searched = searchedNamespaces(sidecar, grafanaNamespace)
  const isLast = searched === 'ALL' || searched.at(-1) === configMap.metadata.namespace
  return {
    gate: 'kept',
    passes: isLast ? true : keepsFiles(sidecar),
    path: 'IGNORE_ALREADY_PROCESSED',
    expected: 'not set, or a sidecar from 2.8.1 on',
    actual: shown(sidecar, 'IGNORE_ALREADY_PROCESSED'),
  }
}

const labelGates = (input: SidecarInput): readonly [SidecarGate, SidecarGate] => {
  const { sidecar, configMap } = input
  const { LABEL = '', LABEL_VALUE = '' } = sidecar.settings
  const labels = configMap.metadata.labels ?? {}
  const found = Object.hasOwn(labels, LABEL) ? labels[LABEL] : undefined
  const byName = isFetchedByName(input)
  const actual = found === undefined ? 'no such label' : found
  const isSet = sidecar.settings.LABEL !== undefined && byName !== 'unknown'
  if (isSet && !isPlain(LABEL)) return selectorGates(input, byName)
  return [
    {
      gate: 'label-key',
      passes: canRead(sidecar, 'LABEL') && isSet ? byName || found !== undefined : 'unknown',
      path: `metadata.labels.${LABEL}`,
      expected: `a label ${LABEL}`,
      actual,
    },
    {
      gate: 'label-value',
      passes:
        canRead(sidecar, 'LABEL', 'LABEL_VALUE') && isSet
          ? byName || matchesLabelQuery(selectorOf(sidecar), labels)
          : 'unknown',
      path: `metadata.labels.${LABEL}`,
      expected: LABEL_VALUE === '' ? 'any value' : LABEL_VALUE,
      actual,
    },
  ]
}

/** LABEL can be a whole selector: `team in (a, b)`, `!private`, or empty, which selects all. Then there is no one key to look for. */
const selectorGates = ({ sidecar, configMap }: SidecarInput, byName: boolean): readonly [SidecarGate, SidecarGate] => {
  const selector = selectorOf(sidecar)
  const { labels = {} } = configMap.metadata
  const gate = {
    path: 'metadata.labels',
    expected: `labels that ${selector} selects`,
    actual: Object.keys(labels).length === 0 ? 'no labels' : JSON.stringify(labels),
  }
  const passes = canRead(sidecar, 'LABEL', 'LABEL_VALUE') ? byName || matchesLabelQuery(selector, labels) : 'unknown'
  return [
    { gate: 'label-key', passes: passes === 'unknown' ? 'unknown' : true, ...gate },
    { gate: 'label-value', passes, ...gate },
  ]
}

/** A key that has no meaning of its own in a label selector. */
const isPlain = (key: string): boolean => /^[A-Za-z0-9./_-]+$/.test(key)

/**
 * The label selector that the sidecar sends: LABEL, and LABEL_VALUE behind `=` where it is not empty, pasted as they
 * are. So a comma begins another condition: `1,true` asks for the value 1 and for a label of the name `true`.
 */
export const selectorOf = ({ settings: { LABEL = '', LABEL_VALUE = '' } }: Sidecar): string =>
  LABEL_VALUE === '' ? LABEL : `${LABEL}=${LABEL_VALUE}`

/**
 * A file counts only where Grafana's provider looks: below the folder, outside hidden directories, named *.json. A
 * SCRIPT may yet move or rename it.
 */
const fileGate = (input: SidecarInput): SidecarGate => {
  const gate = writtenGate(input)
  const { sidecar } = input
  return gate.passes === false && (sidecar.settings.SCRIPT !== undefined || !canRead(sidecar, 'SCRIPT'))
    ? { ...gate, passes: 'unknown' }
    : gate
}

const writtenGate = ({ sidecar, configMap }: SidecarInput): SidecarGate => {
  const annotation = directoryAnnotation(sidecar)
  const { annotations = {} } = configMap.metadata
  const wanted = annotations[annotation]
  const isReadable = canRead(sidecar, 'FOLDER', 'FOLDER_ANNOTATION')
  if (wanted !== undefined && !isVisible(directoryOf(sidecar, configMap), sidecar.settings.FOLDER))
    return {
      gate: 'file',
      passes: isReadable ? false : 'unknown',
      path: `metadata.annotations.${annotation}`,
      expected: `a directory below ${sidecar.settings.FOLDER ?? 'the folder of dashboards'}`,
      actual: wanted,
    }
  const keys = [...Object.keys(configMap.data ?? {}), ...Object.keys(configMap.binaryData ?? {})]
  const mayBeSentAway = !canRead(sidecar, 'FOLDER_ANNOTATION') && Object.keys(annotations).length > 0
  return {
    gate: 'file',
    passes: dashboardKeys(configMap).length === 0 ? false : mayBeSentAway ? 'unknown' : true,
    path: 'data',
    expected: 'a key that ends in .json',
    actual: keys.length === 0 ? 'no data' : keys.join(', '),
  }
}

/**
 * A directory outside the shared volume is on the sidecar's own disk, where Grafana sees nothing; one that is hidden
 * is passed over (Grafana's file_reader.go, validateWalkablePath).
 */
const isVisible = (directory: string, base: string | undefined): boolean => {
  if (base === undefined) return !directory.startsWith('/')
  const path = posix.relative(base, directory)
  return !path.split('/').some(part => part.startsWith('.'))
}

const shown = (sidecar: Sidecar, name: SettingName): string =>
  sidecar.unreadable.includes(name) ? 'set from elsewhere' : (sidecar.settings[name] ?? 'not set')
