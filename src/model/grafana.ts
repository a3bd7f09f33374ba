import type { ConfigMap, Container, KubernetesObject, Workload } from './kubernetes.ts'
import type { ObjectRef } from './object-ref.ts'
import type { AccessAnswer, ObjectAccess } from './rbac.ts'
import type { Read } from './read.ts'

/** A Grafana workload and the sidecar that fetches its dashboards. */
export interface Grafana {
  readonly workload: Workload
  /** The dashboard sidecar; undefined where the pod has none. */
  readonly sidecar: Sidecar | undefined
  /** The sidecar that fetches data sources; undefined where the pod has none. */
  readonly dataSourceSidecar: Sidecar | undefined
  readonly container: Container | undefined
  /** Port of Grafana's HTTP API in the pod. */
  readonly port: number
}

/** k8s-sidecar's settings, as its container's environment gives them (the last entry of a name wins). */
export interface Sidecar {
  readonly container: string
  /** Runs as an init container that ends: later ConfigMaps are not seen. */
  readonly once: boolean
  /** False where Grafana's container mounts none of the sidecar's volumes at FOLDER, so that no file can arrive. */
  readonly shared: boolean
  /** From the image tag, where it is a version. */
  readonly version?: string
  /** The user that runs it, and the one that runs Grafana, where the pod template says so. */
  readonly user?: number
  readonly readingUser?: number
  readonly settings: SidecarSettings
  /** Names of settings whose value cannot be read from the pod template (valueFrom, envFrom): nothing may be concluded from them. */
  readonly unreadable: readonly string[]
}

/** Undefined: not set. Names are k8s-sidecar's. */
export interface SidecarSettings {
  readonly LABEL?: string
  readonly LABEL_VALUE?: string
  readonly NAMESPACE?: string
  readonly RESOURCE?: string
  readonly RESOURCE_NAME?: string
  readonly METHOD?: string
  readonly SLEEP_TIME?: string
  readonly WATCH_SERVER_TIMEOUT?: string
  readonly FOLDER?: string
  readonly FOLDER_ANNOTATION?: string
  readonly UNIQUE_FILENAMES?: string
  readonly IGNORE_ALREADY_PROCESSED?: string
  readonly SCRIPT?: string
  readonly DEFAULT_FILE_MODE?: string
  readonly KUBECONFIG?: string
  readonly REQ_URL?: string
}

/** A ConfigMap that holds, or should hold, the chain's dashboard. */
export interface DashboardFile {
  readonly chain: string
  readonly configMap: ConfigMap
}

/** A GrafanaDashboard of grafana-operator: it needs no sidecar. */
export interface GrafanaDashboard {
  readonly chain: string
  readonly object: KubernetesObject
}

export interface SidecarAccess {
  readonly grafana: ObjectRef
  readonly serviceAccount: ObjectRef
  readonly answers: readonly (AccessAnswer & { readonly needed: ObjectAccess })[]
}

/** The last lines of a sidecar that does not run. */
export interface SidecarLog {
  readonly grafana: ObjectRef
  readonly container: string
  readonly lines: readonly string[]
}

/** A query of a panel or a variable, as it is written. */
export interface DashboardQuery {
  /** `panel “Webhook Request Rate”`, `variable namespace`. */
  readonly where: string
  readonly expression: string
}

/** A ConfigMap other than a chain's own that carries a sidecar's label. */
export interface LabelledConfigMap {
  readonly object: KubernetesObject
  /** Of data and binaryData. */
  readonly keys: readonly string[]
  /** The whole of it. Only read where its keys are a dashboard's, or its metadata does not tell them. */
  readonly configMap?: ConfigMap
}

/** What a dashboard of a chain asks Prometheus for. */
export interface QueriedFamilies {
  /** Ids of the chains that share the dashboard. */
  readonly chains: readonly string[]
  /** The ConfigMap, or the Grafana that shows what nothing else holds. */
  readonly source: ObjectRef
  /** Of the ConfigMap’s data. */
  readonly key?: string
  readonly queries: readonly (DashboardQuery & {
    /** Null where the expression is no PromQL. */
    readonly families: readonly string[] | null
    /** Those of them whose copies, one from each pod, it adds up. */
    readonly summed: readonly string[]
  })[]
  /** Families among them that an operator of this era does not have. */
  readonly doubtful: readonly DoubtfulFamily[]
}

export interface DoubtfulFamily {
  readonly name: string
  /** Another era has it; else nobody knows it. */
  readonly moved: boolean
  /** The family that says the same in this era. */
  readonly now?: string
  /** Whether Prometheus has it all the same. */
  readonly found: Read<boolean>
}

/** Grafana's own answer on the dashboards of the chains. */
export interface LoadedDashboards {
  readonly grafana: ObjectRef
  readonly version?: string
  readonly dashboards: readonly LoadedDashboard[]
}

/** All that tells one Grafana where dashboards lie as files. */
export interface DashboardProviders {
  readonly grafana: ObjectRef
  readonly providers: readonly DashboardProvider[]
}

export interface DashboardProvider {
  /** All below it is read. */
  readonly path: string
  /** How often it looks, where nobody calls. */
  readonly seconds: number
  /** The ConfigMap it stands in. */
  readonly ref: ObjectRef
}

export interface LoadedDashboard {
  readonly uid: string
  readonly found: boolean
  /** Its uid there, where the ConfigMap that holds it gives it another than upstream's, or none. */
  readonly shownAs?: string
  readonly title?: string
  /** The file it comes from, from the provider's folder on. */
  readonly provisionedFrom?: string
  /** Absent where the answer does not show them. */
  readonly queries?: readonly DashboardQuery[]
  readonly dataSourceUids?: readonly string[]
  /** Others of its title that come from files. Only asked where it was not found. */
  readonly namesakes?: readonly { readonly uid: string; readonly provisionedFrom: string }[]
}

/** The data sources of one Grafana. */
export interface GrafanaDataSources {
  readonly grafana: ObjectRef
  /** Grafana's own answer is complete; ConfigMaps are those that its sidecar fetches, and there may be more. */
  readonly from: 'api' | 'configMaps'
  readonly sources: readonly DataSource[]
}

export interface DataSource {
  readonly name: string
  readonly type: string
  readonly uid?: string
  readonly url?: string
  readonly isDefault: boolean
  /** `direct`: the user's browser asks, not Grafana. */
  readonly access?: string
  /** Where it stands, where that is known. */
  readonly ref?: ObjectRef
}
