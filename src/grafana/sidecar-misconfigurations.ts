import { parseLabelQuery } from '../kubernetes/label-query.ts'
import type { Sidecar, SidecarSettings } from '../model/grafana.ts'
import { isHiddenByMode } from './file-mode.ts'
import { isPolling, keepsFiles } from './sidecar.ts'
import { isBefore } from './sidecar-version.ts'

export interface Misconfiguration {
  readonly setting: keyof SidecarSettings
  /** As it is set; undefined where it is not. */
  readonly value: string | undefined
  /** What it should be. */
  readonly expected: string
  /** Why it can match nothing, as a clause. */
  readonly why: string
  /** The sidecar ends at its start, so that nothing arrives from anywhere. */
  readonly stops: boolean
}

/**
 * Settings with which a sidecar cannot fetch anything, whatever the ConfigMaps look like. What cannot be read from
 * the pod template is not judged.
 */
export const sidecarMisconfigurations = (sidecar: Sidecar): readonly Misconfiguration[] =>
  rules.flatMap(({ setting, expected, stops = false, fault }) => {
    const value = sidecar.settings[setting]
    const why = sidecar.unreadable.includes(setting) ? undefined : fault(value, sidecar)
    return why === undefined ? [] : [{ setting, value, expected, why, stops }]
  })

interface Rule {
  readonly setting: keyof SidecarSettings
  readonly expected: string
  readonly stops?: true
  /** The fault in a value, or undefined where there is none. */
  fault(value: string | undefined, sidecar: Sidecar): string | undefined
}

const kinds: ReadonlySet<string> = new Set(['configmap', 'secret', 'both'])

/** k8s-sidecar src/sidecar.py main() and src/resources.py. */
const rules: readonly Rule[] = [
  {
    setting: 'LABEL',
    expected: 'a label key',
    stops: true,
    fault: value => (value === undefined ? 'without a label the sidecar ends at once, with exit code 0' : undefined),
  },
  {
    setting: 'LABEL',
    expected: 'a label key, or a label selector',
    fault: (value, { settings }) =>
      'invalid' in parseLabelQuery(settings.LABEL_VALUE ? `${value}=1` : (value ?? ''))
        ? 'the API server refuses it as a label selector'
        : undefined,
  },
  {
    setting: 'FOLDER',
    expected: 'a directory',
    stops: true,
    fault: value => (value === undefined ? 'without a folder the sidecar ends at once, with exit code 0' : undefined),
  },
  {
    setting: 'FOLDER',
    expected: 'a directory on a volume that Grafana mounts too',
    stops: true,
    fault: (value, { shared, settings }) =>
      value === undefined || shared || settings.SCRIPT !== undefined
        ? undefined
        : 'what is written there stays where Grafana cannot see it',
  },
  {
    setting: 'METHOD',
    expected: 'LIST, or restartPolicy: Always',
    stops: true,
    fault: (value, { once }) =>
      once && value !== 'LIST' ? 'an init container that watches never ends, so Grafana never starts' : undefined,
  },
  {
    setting: 'DEFAULT_FILE_MODE',
    expected: 'a mode by which Grafana may read, such as 644',
    stops: true,
    fault: (_, sidecar) => (isHiddenByMode(sidecar) ? 'Grafana may not read a file of this mode' : undefined),
  },
  {
    setting: 'WATCH_SERVER_TIMEOUT',
    expected: 'a number of seconds',
    stops: true,
    fault: (value, sidecar) =>
      value === undefined || /^[+-]?\d+$/.test(value) || !isWatching(sidecar)
        ? undefined
        : 'the API server refuses every watch with it, so that at best what is there at the start arrives',
  },
  {
    setting: 'RESOURCE_NAME',
    expected: 'names separated by commas alone',
    stops: true,
    fault: (value, sidecar) =>
      value !== undefined && value !== '' && value.split(',').includes('') && isEndedByNoName(sidecar)
        ? 'an empty entry is taken for a name, and what comes back for it ends the sidecar with an error'
        : undefined,
  },
  {
    setting: 'IGNORE_ALREADY_PROCESSED',
    expected: 'not set, or a sidecar from 2.8.1 on',
    fault: (_, sidecar) =>
      hasSeveralNamespaces(sidecar) && keepsFiles(sidecar) === false
        ? `k8s-sidecar ${sidecar.version} takes the files of one namespace away when it lists the next, and with this setting does not write them again`
        : undefined,
  },
  {
    setting: 'LABEL_VALUE',
    expected: 'one value',
    fault: value => {
      if (value?.includes(','))
        return 'a comma is no choice of values: what follows it is taken for the key of another label'
      return value !== undefined && value !== '' && !/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(value)
        ? 'no label can have this value'
        : undefined
    },
  },
  {
    setting: 'NAMESPACE',
    expected: 'ALL, or names separated by commas alone',
    fault: value => {
      if (value === undefined) return undefined
      const entries = value.split(',')
      if (entries.includes('ALL')) return undefined
      if (value === '') return 'an empty value is taken for a namespace without a name'
      if (entries.some(entry => entry !== entry.trim())) return 'blanks are kept, so a name with one is no namespace'
      return entries.some(entry => entry !== 'ALL' && entry.toUpperCase() === 'ALL')
        ? 'only ALL in capitals means all namespaces: this is looked for as a namespace of that name'
        : undefined
    },
  },
  {
    setting: 'RESOURCE',
    expected: 'configmap, secret or both',
    stops: true,
    fault: value =>
      value === undefined || kinds.has(value) ? undefined : 'the sidecar knows no such kind and ends with an error',
  },
]

const isWatching = (sidecar: Sidecar): boolean => sidecar.settings.METHOD !== 'LIST' && isPolling(sidecar) === false

/** From 1.31 on; before, what stands before the empty entry arrives, and the next look fails in the same way. NAMESPACE=ALL ignores the names. */
const isEndedByNoName = (sidecar: Sidecar): boolean =>
  !isBefore(sidecar, '1.31.0') && !sidecar.unreadable.includes('NAMESPACE') && !namespacesOf(sidecar).includes('ALL')

const hasSeveralNamespaces = (sidecar: Sidecar): boolean =>
  !namespacesOf(sidecar).includes('ALL') && new Set(namespacesOf(sidecar)).size > 1

const namespacesOf = ({ settings: { NAMESPACE = '' } }: Sidecar): readonly string[] => NAMESPACE.split(',')
