import { fieldManager } from '../cluster/writer.ts'
import { formatRef, refOf } from '../kubernetes/object-ref.ts'
import { type FieldManager, managersOf, type Owner, ownerOf } from '../kubernetes/ownership.ts'
import type { Fix } from '../model/fix.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import { holds } from './content-of.ts'
import { type FieldChange, segmentsOf, valueAt } from './field-change.ts'

export interface Judgement {
  readonly risk: 'safe' | 'disruptive'
  readonly notes: readonly string[]
  /** Who would put it back, in words: such a change belongs there. */
  readonly managedBy?: string
}

/**
 * How grave it is to change these fields of this object. Safe are a field that nobody set, and one that only drifted
 * from what its Helm release renders: the next upgrade finds its own value there. A field that somebody else set is
 * theirs, and an object that others share is changed only when it is named.
 */
export const judgeChange = (
  declared: Fix['risk'],
  before: KubernetesObject,
  after: KubernetesObject,
  changes: readonly FieldChange[],
  rendered: unknown,
): Judgement => {
  const owner = ownerOf(before)
  const managedBy = keeperOf(owner)
  const isDrift = rendered !== undefined && changes.every(({ path }) => isAsRendered(path, after, rendered))
  const taken = isDrift ? [] : changes.flatMap(change => takenFrom(before, change))
  const notes = [
    ...(isDrift ? ['It puts back what the Helm release renders: the object had drifted from it.'] : []),
    ...new Set(taken.map(manager => consequence(manager, owner))),
  ]
  const safe = ownKinds.has(before.kind) && taken.length === 0 && (isDrift || declared === 'safe')
  return { risk: safe ? 'safe' : 'disruptive', notes, ...(managedBy === undefined ? {} : { managedBy }) }
}

/** What the metrics of one workload are made of. Everything else serves others too. */
const ownKinds = new Set(['ServiceMonitor', 'Service', 'ConfigMap'])

/**
 * Lists of custom resources merge as one piece: equal is only the whole list. What the API server adds by default is
 * not rendered and no difference; what the change itself adds is one.
 */
const isAsRendered = (path: string, after: KubernetesObject, rendered: unknown): boolean =>
  [path, wholeOf(path)].every(place => {
    const wanted = valueAt(rendered, place)
    return wanted === undefined ? valueAt(after, place) === undefined : holds(valueAt(after, place), wanted)
  })

/** The path up to the first list in it. */
const wholeOf = (path: string): string => path.replace(/\/\d+(?:\/.*)?$/, '')

const takenFrom = (before: KubernetesObject, { path, was }: FieldChange): readonly FieldManager[] => {
  const managers = managersOf(before, segmentsOf(wholeOf(path))).filter(({ manager }) => manager !== fieldManager)
  if (managers.length > 0 || was === undefined) return managers
  return managersOf(before, segmentsOf(wholeOf(path))).length > 0 ? [] : [unknownManager]
}

/** managedFields may be stripped on the way: whoever set the value, it was not us. */
const unknownManager: FieldManager = { manager: 'somebody unknown', operation: 'Update' }

/**
 * Helm 4 applies on the server, as manager `helm` by Apply, and stops at a field that another manager changed. Helm 3
 * patches from its last manifest and puts back what it changes.
 */
const consequence = ({ manager, operation }: FieldManager, owner: Owner): string => {
  const release = owner.by === 'helm' ? ` of release ${owner.release.namespace}/${owner.release.name}` : ''
  if (manager !== 'helm') return `The field was set by ${manager}, which may put it back.`
  return operation === 'Apply'
    ? `Helm set this field: the next upgrade${release} fails with a conflict, until it is undone or Helm is told --force-conflicts.`
    : `Helm set this field: the next upgrade${release} that touches it puts it back.`
}

/** Whoever puts an object back from elsewhere, so that a change belongs there. Helm and kubectl only act when told. */
const keeperOf = (owner: Owner): string | undefined => {
  switch (owner.by) {
    case 'controller':
      return `${owner.owner.kind} ${owner.owner.name}, its controller (${owner.evidence})`
    case 'argo-cd':
      return `Argo CD${owner.application ? ` application ${owner.application}` : ''} (${owner.evidence})`
    case 'flux':
      return `Flux ${owner.kind} ${owner.namespace}/${owner.name} (${owner.evidence})`
    case 'other':
      return `${owner.tool} (${owner.evidence})`
    default:
      return undefined
  }
}

/** In words, why a managed object is left alone. */
export const managedReason = (object: KubernetesObject, managedBy: string): string =>
  `${formatRef(refOf(object))} is kept by ${managedBy}: a live change would be put back. Change it there, or patch it all the same with --allow-managed.`
