import { parseLabelQuery } from '../kubernetes/label-query.ts'
import type { Sidecar, SidecarSettings } from '../model/grafana.ts'

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
