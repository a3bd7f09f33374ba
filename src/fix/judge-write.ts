import { fieldManager } from '../cluster/writer.ts'
import type { Touched } from '../kubernetes/fate.ts'
import { formatRef, refOf } from '../kubernetes/object-ref.ts'
import { type FieldManager, managersOf, type Owner, ownerOf } from '../kubernetes/ownership.ts'
import type { Fix } from '../model/fix.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import { holds } from './content-of.ts'
import { type FieldChange, segmentsOf, valueAt } from './field-change.ts'
import type { Keeping } from './keeping.ts'

export interface Judgement {
  readonly risk: 'safe' | 'disruptive'
  readonly notes: readonly string[]
  /** Who keeps it from elsewhere: such a change belongs there. */
  readonly keeping?: Keeping
}

/** A change, with what is known of who else writes there. */
export interface Judging {
  readonly declared: Fix['risk']
  readonly before: KubernetesObject
  readonly after: KubernetesObject
  readonly changes: readonly FieldChange[]
  /** What the Helm release renders of the object, where that is known. */
  readonly rendered: unknown
  readonly keeping: Keeping | undefined
}

/**
 * How grave it is to change these fields of this object. Safe are a field that nobody set, and one that only drifted
 * from what its Helm release renders: the next upgrade finds its own value there. A field that somebody else set is
 * theirs, and an object that others share is changed only when it is named.
 */
export const judgeChange = ({ declared, before, after, changes, rendered, keeping }: Judging): Judgement => {
  const owner = ownerOf(before)
  const isDrift = isAsRendered({ after, changes, rendered })
  const taken = isDrift ? [] : changes.flatMap(change => takenFrom(before, change))
  const notes = [
    ...(isDrift ? ['It puts back what the Helm release renders: the object had drifted from it.'] : []),
    ...(keeping ? [`${keeping.keeper} keeps the object (${keeping.evidence}): a live change ${keeping.words}.`] : []),
    ...(owner.by === 'other' && owner.writes === 'when run'
      ? [`${owner.tool} made the object (${owner.evidence}), and may change it back when it is run again.`]
      : []),
    ...new Set(taken.map(manager => consequence(manager, before, owner, keeping))),
  ]
  const safe = ownKinds.has(before.kind) && taken.length === 0 && (isDrift || declared === 'safe')
  return {
    risk: safe ? 'safe' : 'disruptive',
    notes,
    ...(keeping === undefined || keeping.fate === 'left alone' ? {} : { keeping }),
  }
}

/** What the metrics of one workload are made of. Everything else serves others too. */
const ownKinds = new Set(['ServiceMonitor', 'Service', 'ConfigMap'])

/** Whether a change puts back what the Helm release renders. */
export const isAsRendered = ({ after, changes, rendered }: Pick<Judging, 'after' | 'changes' | 'rendered'>): boolean =>
  rendered !== undefined && changes.every(({ path }) => isPlaceAsRendered(path, after, rendered))

/**
 * Lists of custom resources merge as one piece: equal is only the whole list. What the API server adds by default is
 * not rendered and no difference; what the change itself adds is one.
 */
const isPlaceAsRendered = (path: string, after: KubernetesObject, rendered: unknown): boolean =>
  [path, wholeOf(path)].every(place => {
    const wanted = valueAt(rendered, place)
    return wanted === undefined ? valueAt(after, place) === undefined : holds(valueAt(after, place), wanted)
  })

/** The path up to the first list in it. */
const wholeOf = (path: string): string => path.replace(/\/\d+(?:\/.*)?$/, '')

/** What a change touches, and whether anybody holds it: by managedFields, and by what was applied from a file last. */
export const touchedBy = (before: KubernetesObject, changes: readonly FieldChange[]): readonly Touched[] =>
  changes.map(({ path, was }) => ({
    pointer: path,
    isNew:
      was === undefined &&
      (before.metadata.managedFields ?? []).length > 0 &&
      holdersOf(before, path).length === 0 &&
      valueAt(lastApplied(before), path) === undefined,
  }))

const holdersOf = (before: KubernetesObject, path: string): readonly FieldManager[] =>
  managersOf(before, segmentsOf(wholeOf(path)))

/** As kubectl keeps it, and Argo CD, which applies in its way. */
const lastApplied = ({ metadata }: KubernetesObject): unknown => {
  try {
    return JSON.parse(metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'] ?? 'null') as unknown
  } catch {
    return undefined
  }
}

const takenFrom = (before: KubernetesObject, { path, was }: FieldChange): readonly FieldManager[] => {
  const holders = holdersOf(before, path)
  const others = holders.filter(({ manager }) => manager !== fieldManager)
  return others.length > 0 || was === undefined || holders.length > 0 ? others : [unknownManager]
}

/** managedFields may be stripped on the way: whoever set the value, it was not us. */
const unknownManager: FieldManager = { manager: 'somebody unknown', operation: 'Update' }

/**
 * Helm 4 applies on the server, as manager `helm` by Apply, and stops at a field that another manager changed. Helm 3
 * patches: a kind of the API server's own as it differs from the new manifest, any other as the new manifest differs from
 * the last one, whatever the object has become meanwhile.
 */
const consequence = (
  { manager, operation }: FieldManager,
  { apiVersion }: KubernetesObject,
  owner: Owner,
  keeping: Keeping | undefined,
): string => {
  const release = owner.by === 'helm' ? ` of release ${owner.release.namespace}/${owner.release.name}` : ''
  if (manager !== 'helm')
    return keeping ? `The field was set by ${manager}.` : `The field was set by ${manager}, which may put it back.`
  if (operation === 'Apply')
    return `Helm set this field: the next upgrade${release} fails with a conflict, until it is undone or Helm is told --force-conflicts.`
  return isCustom(apiVersion)
    ? `Helm set this field: it stays until an upgrade${release} renders another value for it.`
    : `Helm set this field: the next upgrade${release} puts it back.`
}

/** Whether its kind came with a CustomResourceDefinition: the API server's own groups are `apps`, or end with `.k8s.io`. */
const isCustom = (apiVersion: string): boolean => /\..*\//.test(apiVersion) && !/\.k8s\.io\//.test(apiVersion)

/** In words, why a managed object is left alone. */
export const managedReason = (object: KubernetesObject, { keeper, evidence, words }: Keeping): string =>
  `${formatRef(refOf(object))} is kept by ${keeper} (${evidence}): a live change ${words}. Change it there, or patch it all the same with --allow-managed.`
