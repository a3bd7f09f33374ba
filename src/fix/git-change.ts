import { wrapAnsi } from 'fast-wrap-ansi'
import { withValue } from '../helm/with-value.ts'
import { ownerOf } from '../kubernetes/ownership.ts'
import type { Judged } from '../model/diagnosis.ts'
import type { Fix } from '../model/fix.ts'
import { isRecord } from '../model/is-record.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import type { GitChange } from '../model/remedy.ts'
import { contentOf } from './content-of.ts'

/** What to change in Git so that an object becomes another one. A controller's object is not kept there. */
export const gitChange = (
  cause: Judged,
  fix: Fix,
  before: KubernetesObject,
  after: KubernetesObject,
): GitChange | undefined => {
  if (ownerOf(before).by === 'controller') return undefined
  const { apiVersion, kind, metadata } = before
  const { name, namespace } = metadata
  const { metadata: changed, ...fields } = mergePatch(contentOf(before), contentOf(after)) as Record<string, unknown>
  return {
    commit: commitText(cause, fix),
    patch: {
      apiVersion,
      kind,
      metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(isRecord(changed) ? changed : {}) },
      ...fields,
    },
  }
}

/** The values of a release that a HelmRelease of Flux keeps. `set` has dotted paths. */
export const helmReleaseChange = (
  cause: Judged,
  fix: Fix,
  release: { readonly name: string; readonly namespace?: string },
  set: Readonly<Record<string, unknown>>,
): GitChange => ({
  commit: commitText(cause, fix),
  patch: {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: release,
    spec: {
      values: Object.entries(set).reduce((values, [path, value]) => withValue(values, path.split('.'), value), {}),
    },
  },
})

/** RFC 7386. */
const mergePatch = (before: unknown, after: unknown): unknown => {
  if (!isRecord(before) || !isRecord(after)) return after
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const changed = names.filter(name => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
  return Object.fromEntries(
    changed.map(name => [name, after[name] === undefined ? null : mergePatch(before[name], after[name])]),
  )
}

const commitText = ({ code, message, because }: Judged, { title }: Fix): string =>
  [
    `fix: ${title.charAt(0).toLowerCase()}${title.slice(1)}`,
    '',
    `${message}.`,
    `Because ${because}.`,
    `dynamo-metrics explain ${code}`,
  ]
    .map((line, index) => (index === 0 ? line : wrapAnsi(line, 72, { hard: false })))
    .join('\n')
