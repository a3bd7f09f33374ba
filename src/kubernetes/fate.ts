import { isRecord } from '../model/is-record.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import { matchesWhole } from '../prometheus/anchored-regex.ts'
import { parseDuration } from '../prometheus/duration.ts'
import { isAppliedBy } from './is-applied-by.ts'
import { groupOf, refOf } from './object-ref.ts'
import { managersOf } from './ownership.ts'

/** What becomes of a live change to an object that somebody keeps from elsewhere. */
export interface Fate {
  readonly fate:
    | 'put back'
    | 'tolerated' // it would stay, and belongs to where the object is kept all the same
    | 'left alone' // the keeper was told to: what is changed there would not arrive
    | 'unknown'
  /** Goes on after "a live change": what becomes of it, and what says so. */
  readonly words: string
  /** So long after the change its keeper has come round. Absent: nobody knows when. */
  readonly afterMs?: number
}

/** A field that is changed. */
export interface Touched {
  /** RFC 6901: `/metadata/labels/release`. */
  readonly pointer: string
  /** Nothing stood there, and no manager is known to hold it. */
  readonly isNew: boolean
}

/** Self-heal starts when the watch tells of the change; waits between attempts are of seconds at first. */
const selfHealMs = 30_000

/**
 * Flux spreads its rounds by up to a twentieth of their interval, unless told otherwise. That says when a round begins: it
 * takes a while until it is through.
 */
const spread = 1.05
const roundMs = 15_000

/**
 * Argo CD compares what Git renders: a field beside that is no difference. A difference is put back by self-heal, else
 * with the next sync, be it that Git changes or that somebody starts it.
 */
export const fateUnderArgoCd = (
  object: KubernetesObject,
  application: KubernetesObject,
  fields: readonly Touched[],
): Fate => {
  const { syncPolicy, ignoreDifferences } = specOf(application)
  const policy = isRecord(syncPolicy) ? syncPolicy : {}
  const options = textsIn(policy.syncOptions)
  if (recordsIn(ignoreDifferences).some(rule => isAbout(rule, object) && coversAll(rule, fields)))
    return options.includes('RespectIgnoreDifferences=true')
      ? { fate: 'left alone', words: 'is none of its concern (spec.ignoreDifferences)' }
      : { fate: 'put back', words: 'is no difference to it (spec.ignoreDifferences), but would go with its next sync' }
  if (areNew(fields) && ![...options, ...ownOptions(object)].includes('Replace=true')) return toleratedFields(fields)
  if (isMarked(application, skipReconcile, 'true'))
    return { fate: 'put back', words: `would stay until it is reconciled again (annotation ${skipReconcile})` }
  const automated = isRecord(policy.automated) && policy.automated.enabled !== false ? policy.automated : {}
  return automated.selfHeal === true
    ? {
        fate: 'put back',
        words: 'would be put back within seconds (spec.syncPolicy.automated.selfHeal)',
        afterMs: selfHealMs,
      }
    : {
        fate: 'put back',
        words: 'would be put back by its next sync, though not at once (no spec.syncPolicy.automated.selfHeal)',
      }
}

const skipReconcile = 'argocd.argoproj.io/skip-reconcile'

/** `jqPathExpressions` are not understood here: what they cover counts as kept. */
const coversAll = ({ jsonPointers, managedFieldsManagers }: Rule, fields: readonly Touched[]): boolean =>
  fields.length > 0 && (textsIn(managedFieldsManagers).includes(ourManager) || isWithin(fields, textsIn(jsonPointers)))

const ourManager = 'dynamo-metrics'

const isAbout = ({ group, kind, name, namespace }: Rule, object: KubernetesObject): boolean =>
  isAny(group, groupOf(object)) &&
  isAny(kind, object.kind) &&
  (!name || name === object.metadata.name) &&
  (!namespace || namespace === object.metadata.namespace)

const isAny = (pattern: unknown, value: string): boolean => pattern === '*' || (pattern ?? '') === value

/** A sync with Replace=true takes away what it does not render. */
const ownOptions = ({ metadata }: KubernetesObject): readonly string[] =>
  (metadata.annotations?.['argocd.argoproj.io/sync-options'] ?? '').split(',').map(option => option.trim())

/** What the object itself tells kustomize-controller; undefined: it is kept like all others. */
export const kustomizeOptOut = (object: KubernetesObject): Fate | undefined => {
  const found = optOuts.find(({ key, value, by }) =>
    placesMarked(object, key, value).some(
      place => !by || managersOf(object, ['metadata', place, key]).some(({ manager }) => manager === by),
    ),
  )
  return found && { fate: 'left alone', words: `is left as it is (${found.key}: ${found.value})` }
}

const kustomize = 'kustomize.toolkit.fluxcd.io'

/** The last one counts where Git says so, and only there: what is written beside Git stops nothing (seen with 1.9). */
const optOuts: readonly { readonly key: string; readonly value: string; readonly by?: string }[] = [
  { key: `${kustomize}/reconcile`, value: 'disabled' },
  { key: `${kustomize}/ssa`, value: 'Ignore' },
  { key: `${kustomize}/ssa`, value: 'IfNotPresent', by: 'kustomize-controller' },
]

/** Each round applies what Git holds: that takes fields back, and leaves those that others added. */
export const fateUnderKustomization = (
  object: KubernetesObject,
  kustomization: KubernetesObject,
  fields: readonly Touched[],
): Fate => {
  const optOut = kustomizeOptOut(object)
  if (optOut) return optOut
  if (isAppliedBy(kustomization, refOf(object)) === false) return unlisted
  const { suspend, interval, ignore } = specOf(kustomization)
  if (isIgnored(object, ignore, fields)) return { fate: 'left alone', words: 'is none of its concern (spec.ignore)' }
  if (areNew(fields)) return toleratedFields(fields)
  return suspend === true ? suspended : everyRound(interval)
}

/** Its labels stay on what Git holds no more, and a Kustomization of the same name may write from another cluster. */
const unlisted: Fate = {
  fate: 'unknown',
  words: 'may be put back: the Kustomization of that name does not list it (status.inventory), but another one may',
}

/** Helm writes with the next upgrade; in between, drift is put back only where that is switched on. */
export const fateUnderHelmRelease = (
  object: KubernetesObject,
  release: KubernetesObject,
  fields: readonly Touched[],
): Fate => {
  const { suspend, interval, driftDetection } = specOf(release)
  if (areNew(fields)) return toleratedFields(fields)
  if (suspend === true) return suspended
  const { mode, ignore } = isRecord(driftDetection) ? driftDetection : {}
  if (mode !== 'enabled') return untilUpgrade('spec.driftDetection.mode is not enabled')
  if (isMarked(object, driftSwitch, 'disabled')) return untilUpgrade(`${driftSwitch}: disabled`)
  return isIgnored(object, ignore, fields) ? untilUpgrade('spec.driftDetection.ignore') : everyRound(interval)
}

const driftSwitch = 'helm.toolkit.fluxcd.io/driftDetection'

/** An upgrade that helm-controller did not make is none of its revisions: the next round makes its own again. */
export const fateOfUpgrade = (release: KubernetesObject): Fate => {
  const { suspend, interval } = specOf(release)
  return suspend === true ? suspended : everyRound(interval)
}

const suspended: Fate = { fate: 'put back', words: 'would stay until it is resumed (spec.suspend)' }

const untilUpgrade = (because: string): Fate => ({
  fate: 'put back',
  words: `would stay until its next upgrade (${because})`,
})

const everyRound = (interval: unknown): Fate => {
  const ms = parseDuration(String(interval ?? ''))
  return {
    fate: 'put back',
    words: `would be put back when it comes round${ms === undefined ? '' : `, every ${interval} (spec.interval)`}`,
    ...(ms === undefined ? {} : { afterMs: Math.round(ms * spread) + roundMs }),
  }
}

const toleratedFields = (fields: readonly Touched[]): Fate => ({
  fate: 'tolerated',
  words: `would stay, for no manager holds ${fields.map(({ pointer }) => pointer).join(', ')}, but nothing else would know of it`,
})

const areNew = (fields: readonly Touched[]): boolean => fields.length > 0 && fields.every(({ isNew }) => isNew)

/** Flux's rules: JSON pointers, for objects that a target of regular expressions selects. */
const isIgnored = (object: KubernetesObject, rules: unknown, fields: readonly Touched[]): boolean =>
  recordsIn(rules).some(({ paths, target }) => isTarget(target, object) && isWithin(fields, textsIn(paths)))

const isTarget = (target: unknown, object: KubernetesObject): boolean => {
  if (!isRecord(target)) return true
  const { group, version, kind, name, namespace, labelSelector, annotationSelector } = target
  const { apiVersion, metadata } = object
  if (labelSelector || annotationSelector) return false
  const wanted = [
    [group, groupOf(object)],
    [version, apiVersion.split('/').at(-1) ?? ''],
    [kind, object.kind],
    [name, metadata.name],
    [namespace, metadata.namespace ?? ''],
  ] as const
  return wanted.every(([pattern, value]) => !pattern || matchesWhole(String(pattern), value))
}

const isWithin = (fields: readonly Touched[], pointers: readonly string[]): boolean =>
  fields.length > 0 &&
  fields.every(({ pointer }) => pointers.some(one => pointer === one || pointer.startsWith(`${one}/`)))

const isMarked = (object: KubernetesObject, key: string, value: string): boolean =>
  placesMarked(object, key, value).length > 0

/** Flux takes its marks as annotations and as labels, in any case of letters. */
const placesMarked = ({ metadata }: KubernetesObject, key: string, value: string): readonly Place[] =>
  places.filter(place => metadata[place]?.[key]?.toLowerCase() === value.toLowerCase())

const places = ['annotations', 'labels'] as const

type Place = (typeof places)[number]

type Rule = Readonly<Record<string, unknown>>

const specOf = (object: KubernetesObject): Rule => {
  const { spec } = object as { readonly spec?: unknown }
  return isRecord(spec) ? spec : {}
}

const recordsIn = (value: unknown): readonly Rule[] => (Array.isArray(value) ? value.filter(isRecord) : [])

const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter(one => typeof one === 'string') : []
