import { posix } from 'node:path'
import type { Sidecar } from '../model/grafana.ts'
import type { ConfigMap } from '../model/kubernetes.ts'
import { isDashboardKey } from './dashboard-keys.ts'
import { judgeSidecar } from './judge-sidecar.ts'
import { directoryOf } from './sidecar-directory.ts'
import { isOn, type SettingName } from './sidecar-settings.ts'

/** A file that a sidecar writes of one key of a ConfigMap. */
export interface SidecarFile {
  readonly key: string
  /** From FOLDER on, as Grafana names it in provisionedExternalId; an absolute path where it lies elsewhere. */
  readonly path: string
}

export interface SidecarFilesInput {
  readonly sidecar: Sidecar
  readonly grafanaNamespace: string
  readonly configMap: Pick<ConfigMap, 'apiVersion' | 'kind' | 'metadata'>
  /** Of data and binaryData. */
  readonly keys: readonly string[]
}

/**
 * The dashboard files that a sidecar makes of a ConfigMap; none where it does not fetch it, or where its settings
 * cannot be read. `.url` leaves the name, and UNIQUE_FILENAMES puts the object’s in front of what remains
 * (k8s-sidecar src/helpers.py, unique_filename).
 */
export const sidecarFiles = (input: SidecarFilesInput): readonly SidecarFile[] => {
  const { sidecar, configMap, keys } = input
  const fetched = judgeSidecar({ ...input, configMap: { ...configMap, data: {} } as ConfigMap })
    .filter(({ gate }) => gate !== 'file')
    .every(({ passes }) => passes === true)
  if (!fetched || !areNamesKnown(sidecar)) return []
  const { namespace = 'default', name } = configMap.metadata
  const prefix = isOn(sidecar, 'UNIQUE_FILENAMES') === true ? `namespace_${namespace}.configmap_${name}.` : ''
  const folder = sidecar.settings.FOLDER ?? ''
  return keys.filter(isDashboardKey).map(key => ({
    key,
    path: withinFolder(folder, posix.join(directoryOf(sidecar, configMap), `${prefix}${key.replace(/\.url$/, '')}`)),
  }))
}

/** Whether the pod template says what a file is called in the end: a SCRIPT may rename it. */
export const areNamesKnown = ({ settings, unreadable }: Sidecar): boolean =>
  settings.SCRIPT === undefined && !namingSettings.some(name => unreadable.includes(name))

const namingSettings: readonly SettingName[] = ['FOLDER', 'FOLDER_ANNOTATION', 'UNIQUE_FILENAMES', 'SCRIPT']

const withinFolder = (folder: string, file: string): string => {
  const path = posix.relative(folder, file)
  return path.startsWith('../') ? file : path
}
