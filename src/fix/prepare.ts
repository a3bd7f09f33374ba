import { parseAllDocuments } from 'yaml'
import type { Bound, Manifest, StoredRelease, WriteFailure, Writer } from '../cluster/writer.ts'
import { formatRef, refOf } from '../kubernetes/object-ref.ts'
import { ownerOf, releaseNamedBy } from '../kubernetes/ownership.ts'
import type { Judged } from '../model/diagnosis.ts'
import type { Fix, FixStep } from '../model/fix.ts'
import { isRecord } from '../model/is-record.ts'
import type { ConfigMap, KubernetesObject } from '../model/kubernetes.ts'
import type { ObjectRef } from '../model/object-ref.ts'
import { contentOf } from './content-of.ts'
import { fieldChanges, valueAt } from './field-change.ts'
import { gitChange, helmReleaseChange } from './git-change.ts'
import { isAsRendered, type Judgement, type Judging, judgeChange, managedReason, touchedBy } from './judge-write.ts'
import { helmReleaseOf, type Keeping, keepingOf, keepingOfRelease } from './keeping.ts'
import type { PatchWrite, Prepared, Unready, Write } from './write.ts'

export interface Circumstances {
  /** References of charts: a folder, a file, repository/name or oci://. Which release each is for, its name tells. */
  readonly charts: readonly string[]
  readonly allowManaged: boolean
  /** Names this run: Helm keeps it with a revision. */
  readonly run: string
  /** RFC 3339. */
  readonly now: string
}

/** Tries every step on the server, in order, without changing anything. At most five requests a step. */
export const prepare = async (
  writer: Writer,
  cause: Judged,
  fix: Fix,
  circumstances: Circumstances,
): Promise<Prepared | Unready> => {
  const tried: Tried[] = []
  for (const step of fix.steps) {
    if (step.do === 'tell') continue
    const trying = { ...circumstances, cause, fix, first: tried.length === 0 }
    const one = await preparers[step.do](writer, step as never, trying)
    if ('state' in one) return one
    tried.push(one)
  }
  const writes = tried.flatMap(({ write }) => write ?? [])
  if (writes.length === 0) return { state: 'nothing to change', reason: 'Everything is as the fix would make it.' }
  return {
    cause,
    fix,
    writes,
    risk: tried.every(({ judgement }) => judgement.risk === 'safe') ? 'safe' : 'disruptive',
    notes: [...new Set(tried.flatMap(({ judgement }) => judgement.notes))],
    keepers: tried.flatMap(({ judgement }) => judgement.keeping ?? []),
  }
}

interface Tried {
  /** Undefined: there is nothing to change. */
  readonly write: Write | undefined
  readonly judgement: Judgement
}

interface Trying extends Circumstances {
  readonly cause: Judged
  readonly fix: Fix
  readonly first: boolean
}

type Doing = Exclude<FixStep['do'], 'tell'>
type Step<Do extends Doing> = Extract<FixStep, { readonly do: Do }>
type Preparer<Do extends Doing> = (writer: Writer, step: Step<Do>, trying: Trying) => Promise<Tried | Unready>

const preparers: { readonly [Do in Doing]: Preparer<Do> } = {
  patch: (writer, { target, type, patch, orRendered }, trying) =>
    preparePatch(writer, { ref: target, type, patch }, trying, orRendered),
  apply: (writer, { manifest }, trying) => prepareApply(writer, manifest as unknown as Manifest, trying),
  'helm-upgrade': (writer, step, trying) => prepareUpgrade(writer, step, trying),
  dashboard: (writer, step, trying) => prepareDashboard(writer, step, trying),
  'rollout-restart': (writer, { target }, trying) =>
    preparePatch(writer, { ref: target, type: 'merge', patch: restartedAt(trying.now) }, trying),
}

/** What `kubectl rollout restart` writes. */
const restartedAt = (now: string) => ({
  spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': now } } } },
})

const preparePatch = async (
  writer: Writer,
  asked: Pick<PatchWrite, 'ref' | 'type' | 'patch'>,
  trying: Trying,
  orRendered?: string,
): Promise<Tried | Unready> => {
  const { ref } = asked
  const live = await writer.read(ref)
  if (!live.ok) return refused(ref, live.failure)
  if (!live.value) return { state: 'refused', reason: `${formatRef(ref)} is not there.` }
  const before = live.value
  const bound = boundOf(before)
  const rendered = await renderedOf(writer, before)
  const value = orRendered === undefined ? undefined : valueAt(rendered, orRendered)
  const step =
    value === undefined ? asked : { ref, type: 'json' as const, patch: [{ op: 'add', path: orRendered, value }] }
  const after = await writer.patch({ ...step, bound }, 'dry-run')
  if (!after.ok) return refused(ref, after.failure)
  const changes = fieldChanges(contentOf(before), contentOf(after.value))
  const judgement = await judge(writer, trying, { before, after: after.value, changes, rendered })
  if (judgement.keeping && !trying.allowManaged) return blocked(trying, before, after.value, judgement.keeping)
  const reversible = !changes.some(({ path }) => path.endsWith('/kubectl.kubernetes.io~1restartedAt'))
  return {
    write:
      changes.length === 0
        ? undefined
        : { do: 'patch', ...step, bound, before, after: after.value, changes, reversible },
    judgement,
  }
}

/** The change goes to where the object is kept. */
const blocked = (
  { cause, fix }: Trying,
  before: KubernetesObject,
  after: KubernetesObject,
  keeping: Keeping,
): Unready => {
  const git = gitChange(cause, fix, before, after)
  return { state: 'blocked: managed', reason: managedReason(before, keeping), ...(git ? { git } : {}) }
}

/** Who keeps the object is asked only where something is changed that was not rendered for it. */
const judge = async (
  writer: Writer,
  { fix }: Trying,
  change: Omit<Judging, 'declared' | 'keeping'>,
): Promise<Judgement> => {
  const { before, changes } = change
  const isSettled = changes.length === 0 || isAsRendered(change)
  const keeping = isSettled ? undefined : await keepingOf(writer, before, touchedBy(before, changes))
  return judgeChange({ ...change, declared: fix.risk, keeping })
}

/**
 * What the release of an object renders of it, be it Helm's or helm-controller's; undefined where there is none, or where
 * it cannot be read.
 */
const renderedOf = async (writer: Writer, object: KubernetesObject): Promise<unknown> => {
  const { by } = ownerOf(object)
  const release = by === 'helm' || by === 'flux' ? releaseNamedBy(object) : undefined
  const stored = release && (await writer.release(release))
  if (!stored?.ok || !stored.value) return undefined
  return objectsIn(stored.value.manifest).find(
    ({ kind, metadata }) =>
      kind === object.kind &&
      metadata.name === object.metadata.name &&
      (metadata.namespace ?? object.metadata.namespace) === object.metadata.namespace,
  )
}

const prepareApply = async (writer: Writer, manifest: Manifest, trying: Trying): Promise<Tried | Unready> => {
  const ref = refOf(manifest)
  const after = await writer.apply(manifest, undefined, 'dry-run')
  const live = after.ok && after.value.created ? notThere : await writer.read(ref)
  if (!live.ok) return refused(ref, live.failure)
  const before = live.value && { object: live.value, bound: boundOf(live.value) }
  // A binding cannot be tried before its role is there: who may grant what is asked of the role.
  if (!after.ok && (trying.first || before || after.failure.why !== 'gone')) return refused(ref, after.failure)
  const result = after.ok ? after.value.object : manifest
  const changes = fieldChanges(before ? contentOf(before.object) : undefined, contentOf(result))
  const judgement: Judgement = before
    ? await judge(writer, trying, { before: before.object, after: result, changes, rendered: undefined })
    : { risk: trying.fix.risk === 'safe' ? 'safe' : 'disruptive', notes: [] }
  if (before && judgement.keeping && !trying.allowManaged)
    return blocked(trying, before.object, result, judgement.keeping)
  return {
    write: changes.length === 0 ? undefined : { do: 'apply', ref, manifest, before, after: result, changes },
    judgement,
  }
}

/** What would be created need not be looked for. */
const notThere = { ok: true, value: undefined } as const

/**
 * A ConfigMap that is there keeps all else that it holds, and whoever wrote it stays its owner. A key stands in data or
 * in binaryData, never in both.
 */
const prepareDashboard = async (
  writer: Writer,
  { era, target, key, label }: Step<'dashboard'>,
  trying: Trying,
): Promise<Tried | Unready> => {
  const { dashboardConfigMap, dashboardJson } = await import('../dynamo/dashboard-manifests.ts')
  const live = await writer.read(target)
  if (!live.ok) return refused(target, live.failure)
  if (!live.value && label && target.namespace !== undefined)
    return prepareApply(writer, { ...dashboardConfigMap(era, { namespace: target.namespace, label }) }, trying)
  const { binaryData } = (live.value ?? {}) as ConfigMap
  const patch = {
    data: { [key]: dashboardJson(era) },
    ...(binaryData && key in binaryData ? { binaryData: { [key]: null } } : {}),
    ...(label ? { metadata: { labels: { [label.key]: label.value } } } : {}),
  }
  return preparePatch(writer, { ref: target, type: 'merge', patch }, trying)
}

const prepareUpgrade = async (
  writer: Writer,
  { release, set }: Step<'helm-upgrade'>,
  { charts, run, allowManaged, cause, fix }: Trying,
): Promise<Tried | Unready> => {
  const name = { namespace: release.namespace, name: release.name }
  const label = `Helm release ${name.namespace}/${name.name}`
  const stored = await writer.release(name)
  if (!stored.ok) return { state: 'refused', reason: `${label} cannot be read: ${stored.failure.message}` }
  if (!stored.value) return { state: 'refused', reason: `${label} is not there.` }
  const before = stored.value
  if (before.status.startsWith('pending-'))
    return { state: 'refused', reason: `${label} is ${before.status}: Helm is at work on it, or was interrupted.` }
  const strange = unknownValue(before, set)
  if (strange !== undefined)
    return {
      state: 'refused',
      reason: `Chart ${before.chart.name} of ${label} has no value ${strange}, and Helm would ignore it. Where it has the chart of that value as a dependency, set it by hand below that one's name.`,
    }
  const objects = objectsIn(before.manifest)
  const flux = helmReleaseOf(objects)
  const found = await chartFor(writer, before.chart, charts)
  if (!flux && 'state' in found) return found
  const keeping = await keepingOfRelease(writer, name, objects)
  if (keeping && !allowManaged) {
    const values = Object.entries(set).map(([path, value]) => `${path}: ${JSON.stringify(value)}`)
    return {
      state: 'blocked: managed',
      reason: `${label} is kept by ${keeping.keeper} (${keeping.evidence}): an upgrade from here ${keeping.words}. Set ${values.join(', ')} there.`,
      ...(flux ? { git: helmReleaseChange(cause, fix, { namespace: flux.namespace, name: flux.name }, set) } : {}),
    }
  }
  if ('state' in found) return found
  const upgrade = {
    release: name,
    reference: found.reference,
    version: before.chart.version,
    set,
    description: `dynamo-metrics ${run}`,
  }
  const after = await writer.upgrade(upgrade, 'dry-run')
  if (!after.ok) return { state: 'refused', reason: `Helm would not upgrade ${label}: ${after.failure.message}` }
  return {
    write: { do: 'upgrade', upgrade, before, after: after.value },
    judgement: {
      risk: 'disruptive',
      notes: upgradeNotes(before.manifest, after.value.manifest),
      ...(keeping ? { keeping } : {}),
    },
  }
}

/** A value that Helm would take and no template sees. The first key tells: a chart has a default for each of its own. */
const unknownValue = ({ knows, values }: StoredRelease, set: Readonly<Record<string, unknown>>): string | undefined =>
  Object.keys(set).find(path => {
    const [key = ''] = path.split('.', 1)
    return !knows.includes(key) && !Object.hasOwn(values, key)
  })

/** An upgrade is to change a value and nothing else: so the chart is to be the one that is installed, to the version. */
const chartFor = async (
  writer: Writer,
  wanted: { readonly name: string; readonly version: string },
  charts: readonly string[],
): Promise<{ readonly reference: string } | Unready> => {
  const seen: string[] = []
  for (const reference of charts) {
    const chart = await writer.chart(reference, isLocal(reference) ? undefined : wanted.version)
    if (chart.ok && chart.value.name === wanted.name && chart.value.version === wanted.version) return { reference }
    seen.push(
      `${reference} is ${chart.ok ? `${chart.value.name} ${chart.value.version}` : `no use: ${chart.failure.message}`}`,
    )
  }
  return {
    state: 'needs --chart',
    reason: [
      `A release does not remember where its chart came from: name chart ${wanted.name} ${wanted.version} with --chart REFERENCE.`,
      ...seen.map(words => `${words}.`),
    ].join(' '),
  }
}

const isLocal = (reference: string): boolean => /^[./~]|\.tgz$/.test(reference)

/** Helm upgrades a whole release: what else would change is worth a sentence. */
const upgradeNotes = (before: string, after: string): readonly string[] => {
  const [old, fresh] = [before, after].map(manifest => new Map(objectsIn(manifest).map(one => [keyOf(one), one])))
  const names = new Set([...(old?.keys() ?? []), ...(fresh?.keys() ?? [])])
  const touched = [...names].filter(name => fieldChanges(old?.get(name), fresh?.get(name)).length > 0).sort()
  return touched.length === 0
    ? ['The release renders the same objects as before: Helm only puts back what is missing.']
    : [`The upgrade changes ${touched.join(', ')}.`]
}

const keyOf = (object: KubernetesObject): string => formatRef(refOf(object))

/** The objects of a manifest, as far as they are any. */
export const objectsIn = (manifest: string): readonly KubernetesObject[] =>
  parseAllDocuments(manifest).flatMap(document => {
    const object: unknown = 'toJS' in document ? document.toJS() : undefined
    return isRecord(object) && isRecord(object.metadata) && typeof object.metadata.name === 'string'
      ? [object as unknown as KubernetesObject]
      : []
  })

/** An object that tells neither uid nor resourceVersion cannot be bound, and nothing matches an empty one. */
export const boundOf = ({ metadata }: KubernetesObject): Bound => ({
  uid: metadata.uid ?? '',
  resourceVersion: metadata.resourceVersion ?? '',
})

const refused = (ref: ObjectRef, { why, message, managers }: WriteFailure): Unready => ({
  state: 'refused',
  reason:
    why === 'conflict'
      ? `${formatRef(ref)}: ${(managers ?? []).join(', ')} holds a field that the fix sets (${message}).`
      : `${formatRef(ref)}: ${message}`,
})
