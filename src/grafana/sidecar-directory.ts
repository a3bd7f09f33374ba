import { posix } from 'node:path'
import type { Sidecar } from '../model/grafana.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'

/** The annotation by which an object chooses its directory. One that is set to nothing can be on no object. */
export const directoryAnnotation = ({ settings }: Sidecar): string =>
  settings.FOLDER_ANNOTATION ?? 'k8s-sidecar-target-directory'

/** Where the sidecar writes the files of an object: the annotation’s directory, a relative one below FOLDER. */
export const directoryOf = (sidecar: Sidecar, { metadata }: Pick<KubernetesObject, 'metadata'>): string => {
  const { FOLDER = '' } = sidecar.settings
  const wanted = metadata.annotations?.[directoryAnnotation(sidecar)]
  if (wanted === undefined) return posix.normalize(FOLDER)
  return posix.normalize(wanted.startsWith('/') ? wanted : posix.join(FOLDER, wanted))
}
