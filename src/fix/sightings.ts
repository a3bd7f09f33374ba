import { sameObject } from '../kubernetes/object-ref.ts'
import { isRecord } from '../model/is-record.ts'
import type { ObjectRef } from '../model/object-ref.ts'
import type { ConfigSecret, Waypoints } from '../model/waypoints.ts'
import type { Write } from './write.ts'

/** What has happened since the change and no check reads. */
export interface Sightings {
  /** The Prometheuses whose Secret prometheus-operator has written anew. Undefined: the Secrets may not be read. */
  readonly configured?: readonly ObjectRef[] | undefined
  /** A sidecar says that it has written the dashboard's file. False proves nothing: it does not write twice what it has. */
  readonly fileWritten?: boolean
}

/** What has happened from one look to the next. prometheus-operator writes a Secret only where its content changes. */
export const sightingsBetween = (before: Waypoints, now: Waypoints, files: readonly string[]): Sightings => ({
  configured:
    before.configSecrets &&
    now.configSecrets
      ?.filter(secret => !before.configSecrets?.some(old => isSame(old, secret)))
      .map(({ prometheus }) => prometheus),
  fileWritten: (now.sidecarLines ?? []).some(
    line => !before.sidecarLines?.includes(line) && files.some(file => saysWritten(line, file)),
  ),
})

const isSame = (a: ConfigSecret, b: ConfigSecret): boolean =>
  a.resourceVersion === b.resourceVersion && sameObject(a.prometheus, b.prometheus)

/** k8s-sidecar from 1.24.1 on, at its usual level: `Writing /tmp/dashboards/operator.json (ascii)`. */
const saysWritten = (line: string, file: string): boolean => line.includes('Writing ') && line.includes(`${file} (`)

/** The files that a sidecar makes of the ConfigMaps that are written: a key, or a name that ends in it. */
export const filesIn = (writes: readonly Write[]): readonly string[] =>
  writes.flatMap(write => {
    if (write.do === 'upgrade' || write.after.kind !== 'ConfigMap') return []
    const { data, binaryData } = write.after as { readonly data?: unknown; readonly binaryData?: unknown }
    return [data, binaryData].flatMap(part => (isRecord(part) ? Object.keys(part) : []))
  })
