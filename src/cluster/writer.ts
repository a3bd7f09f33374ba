import type { KubernetesObject } from '../model/kubernetes.ts'
import type { ObjectRef } from '../model/object-ref.ts'

/**
 * The only door to the world for writing. The live cluster alone has one, and only src/fix is handed it. Nothing is
 * forced: a field that another manager holds, an object that changed since it was read, and a webhook that says no
 * stop the write, and are values. The bytes of a Secret do not pass, in either direction: of one there is metadata to
 * read, and to be written is only an empty one that the API server fills with a token.
 */
export interface Writer {
  /** GET as the server holds it, managedFields and all. `undefined`: it does not exist. */
  read(ref: ObjectRef): Promise<Written<KubernetesObject | undefined>>
  /**
   * By what somebody else keeps objects, such as an Application of Argo CD: those of a name, in one namespace or in
   * all. None: there is none of it, or no such kind.
   */
  keepers(query: KeeperQuery): Promise<Written<readonly KubernetesObject[]>>
  /** Changes the very object that was read: another uid or resourceVersion is `changed`. */
  patch(patch: BoundPatch, mode: Mode): Promise<Written<KubernetesObject>>
  /** Server-side apply of a whole object of our own, bound to what was read of it, where there was anything. */
  apply(manifest: Manifest, bound: Bound | undefined, mode: Mode): Promise<Written<Applied>>
  /** Deletes the very object that was read. */
  remove(ref: ObjectRef, bound: Bound, mode: Mode): Promise<Written<undefined>>
  /** What Helm stored of a release, of whatever status: last, or as one revision. `undefined`: no such one. */
  release(name: ReleaseName, revision?: number): Promise<Written<StoredRelease | undefined>>
  /** Name and version of the chart behind a reference: a folder, a file, repository/name or oci://. */
  chart(reference: string, version: string | undefined): Promise<Written<ChartIdentity>>
  /** What an upgrade would make, or made. */
  upgrade(upgrade: Upgrade, mode: Mode): Promise<Written<Upgraded>>
  /** Helm asks the server for no more than the two revisions when it only tries. */
  rollback(name: ReleaseName, revision: number, mode: Mode): Promise<Written<undefined>>
}

/** A dry run passes admission and validation on the server and stores nothing. */
export type Mode = 'dry-run' | 'for-real'

/** Which object was looked at, and in which of its states. */
export interface Bound {
  readonly uid: string
  readonly resourceVersion: string
}

export interface KeeperQuery {
  readonly apiVersion: string
  readonly kind: string
  readonly resource: string
  readonly namespace?: string
  readonly name: string
}

export interface BoundPatch {
  readonly ref: ObjectRef
  readonly bound: Bound
  readonly type: 'merge' | 'json'
  readonly patch: unknown
}

export type Manifest = Readonly<Record<string, unknown>> & KubernetesObject

export interface Applied {
  readonly object: KubernetesObject
  /** False: an object of this name was there already. */
  readonly created: boolean
}

export interface ReleaseName {
  readonly namespace: string
  readonly name: string
}

export interface StoredRelease {
  readonly revision: number
  readonly status: string
  readonly description: string
  readonly chart: ChartIdentity
  /** The first keys of the values that the chart has defaults for. */
  readonly knows: readonly string[]
  /** Those that the user set. They may hold what is secret: shown only redacted. */
  readonly values: Readonly<Record<string, unknown>>
  /** YAML of every object it renders. */
  readonly manifest: string
}

export interface ChartIdentity {
  readonly name: string
  readonly version: string
}

export interface Upgrade {
  readonly release: ReleaseName
  readonly reference: string
  readonly version: string
  /** Dotted value path -> value. */
  readonly set: Readonly<Record<string, unknown>>
  /** Helm keeps it with the revision: by it the revision is known again. */
  readonly description: string
}

export interface Upgraded {
  /** YAML of every object it renders. */
  readonly manifest: string
  /** The same by hand, in the words of the Helm that is there. */
  readonly command: readonly string[]
}

export type Written<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: WriteFailure }

export interface WriteFailure {
  readonly why:
    | 'conflict' // another field manager holds a field: nothing was changed
    | 'changed' // not the object, or not its state, that was read: nothing was changed
    | 'gone' // there is no such object, or no such kind
    | 'forbidden' // 401 or 403, or no credentials to be had
    | 'refused' // an admission webhook or policy says no
    | 'invalid' // the server does not take the content
    | 'busy' // Helm works on the release already
    | 'no-helm' // Helm is not on the PATH, or too old
    | 'failed' // Helm ended with an error
    | 'unanswered' // no answer came: it may or may not have been done
  /** The other side's words, one line. */
  readonly message: string
  /** The field managers in the way. */
  readonly managers?: readonly string[]
}

/** Under this name the API server remembers which fields are ours. */
export const fieldManager = 'dynamo-metrics'
