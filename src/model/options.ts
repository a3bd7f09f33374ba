/** What flags narrow or override in the search for the chain's parts. */
export interface Narrowing {
  /** --operator-namespace: look for Dynamo operators here only. */
  readonly operatorNamespace?: string
  /** --prometheus NAMESPACE/NAME. */
  readonly prometheus?: { readonly namespace: string; readonly name: string }
  /** --grafana NAMESPACE/NAME. */
  readonly grafana?: { readonly namespace: string; readonly name: string }
  /** --prometheus-url was given: Prometheus is asked there and not through a pod. */
  readonly prometheusUrl?: string
  readonly grafanaUrl?: string
  /** Namespaces to read where a cluster-wide list is refused: those named by flags and by the context. */
  readonly fallbackNamespaces: readonly string[]
}
