import type { HelmRelease } from '../model/helm-release.ts'
import type { KubernetesObject } from '../model/kubernetes.ts'
import type { Read } from '../model/read.ts'

/**
 * The only door to the world, for reading. Live, a snapshot, manifests, and manifests laid over another one all
 * stand behind it, and one contract test runs over all of them.
 *
 * No method throws for what the world does: a refusal, a timeout or nonsense is `{ok: false, unavailable}`.
 * No method returns a Secret's bytes: what leaves the port is redacted (see redaction.ts).
 */
export interface Cluster {
  readonly source: Source
  /** GET one object. `undefined`: it does not exist. */
  get(query: GetQuery): Promise<Read<KubernetesObject | undefined>>
  /** LIST, all pages. An empty list is an answer; a kind the server has not is `not-served`. */
  list(query: ListQuery): Promise<Read<readonly KubernetesObject[]>>
  /** How many objects a list would have, without reading them. */
  count(query: ListQuery): Promise<Read<number>>
  /** The API server's version and its clock. */
  version(): Promise<Read<ServerVersion>>
  /** Plural names of the resources that a group version serves; empty where the group version is not served. */
  resources(groupVersion: string): Promise<Read<readonly string[]>>
  /** The last lines of a container's log. */
  logs(query: LogQuery): Promise<Read<readonly string[]>>
  /** Asks the API server whether somebody else may do something (SubjectAccessReview: it stores nothing). */
  access(query: AccessQuery): Promise<Read<AccessAnswer>>
  /** GET on the HTTP API of a Prometheus or a Grafana. */
  http(query: HttpQuery): Promise<Read<HttpAnswer>>
  /** What the newest deployed revision of a Helm release says. `undefined`: no such release is stored. */
  helmRelease(query: { readonly namespace: string; readonly name: string }): Promise<Read<HelmRelease | undefined>>
  /** Requests sent so far. A snapshot and manifests send none. */
  requests(): number
}

export interface Source {
  readonly kind: 'live' | 'snapshot' | 'manifests' | 'overlay'
  /** The kubeconfig context, or the file's name: what the report's heading says. */
  readonly name: string
  /** The context's own namespace, where it names one. */
  readonly namespace?: string
  /** False offline: what only a running cluster can answer is skipped, not unknown. */
  readonly live: boolean
}

/** A kind as the API addresses it. `resource` is the plural. */
export interface Kind {
  readonly apiVersion: string
  readonly kind: string
  readonly resource: string
}

export interface GetQuery extends Kind {
  readonly namespace?: string
  readonly name: string
  /** Ask for metadata alone (PartialObjectMetadata): kind and apiVersion of the answer are those of the query. */
  readonly metadataOnly?: true
}

export interface ListQuery extends Kind {
  /** Absent: all namespaces, or a cluster-scoped kind. */
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly metadataOnly?: true
}

export interface LogQuery {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly tailLines: number
  /** Of the run before, after a crash. */
  readonly previous?: true
}

export interface AccessQuery {
  readonly serviceAccount: { readonly namespace: string; readonly name: string }
  readonly attributes:
    | {
        readonly verb: string
        readonly group: string
        readonly resource: string
        readonly namespace?: string
        readonly name?: string
      }
    | { readonly verb: string; readonly path: string }
}

export interface AccessAnswer {
  readonly allowed: boolean
  readonly reason?: string
}

export interface HttpQuery {
  readonly service: 'prometheus' | 'grafana'
  /** One ready pod to ask. Absent: only the address given by flag can answer. */
  readonly pod?: {
    readonly namespace: string
    readonly name: string
    readonly port: number
    readonly scheme: 'http' | 'https'
  }
  /** With query string, beginning with a slash. */
  readonly path: string
  /** Of the list at data.result, which may have no end, keep so many: the others are counted as they pass. */
  readonly first?: number
  /** Where Grafana's administrator login stands, for a Grafana that asks for one. It is used, never shown. */
  readonly login?: {
    readonly namespace: string
    readonly secret: string
    readonly userKey: string
    readonly passwordKey: string
  }
}

export interface HttpAnswer {
  readonly status: number
  /** Parsed JSON. An answer that is not JSON is `invalid`, unless the status already says no: then undefined. */
  readonly body: unknown
  /** Where the status says no without JSON: what stands there instead, in one line. */
  readonly words?: string
  /** Where `first` was asked for: how many the list had. */
  readonly listed?: number
}

export interface ServerVersion {
  readonly gitVersion: string
  /** The server's clock, RFC 3339. */
  readonly now: string
}
