import type { ConfigMap, Container, KubernetesObject, Workload } from './kubernetes.ts'
import type { ObjectRef } from './object-ref.ts'

/** A Grafana workload and the sidecar that fetches its dashboards. */
export interface Grafana {
  readonly workload: Workload
  /** The dashboard sidecar; undefined where the pod has none. */
  readonly sidecar: Sidecar | undefined
  readonly container: Container | undefined
  /** Port of Grafana's HTTP API in the pod. */
  readonly port: number
}

/** k8s-sidecar's settings, as its container's environment gives them (the last entry of a name wins). */
export interface Sidecar {
  readonly container: string
  /** Runs as an init container that ends: later ConfigMaps are not seen. */
  readonly once: boolean
  /** From the image tag, where it is a version. */
  readonly version?: string
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
  readonly FOLDER?: string
  readonly FOLDER_ANNOTATION?: string
  readonly UNIQUE_FILENAMES?: string
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
  readonly answers: readonly {
    readonly needed: { readonly verb: string; readonly resource: string; readonly namespace?: string }
    readonly allowed: boolean
    readonly reason?: string
  }[]
}

/** The last lines of a sidecar that does not run. */
export interface SidecarLog {
  readonly grafana: ObjectRef
  readonly container: string
  readonly lines: readonly string[]
}

/** Grafana's own answer on the dashboards of the chains. */
export interface LoadedDashboards {
  readonly grafana: ObjectRef
  readonly version?: string
  readonly dashboards: readonly {
    readonly uid: string
    readonly found: boolean
    readonly title?: string
    readonly provisionedFrom?: string
  }[]
}
