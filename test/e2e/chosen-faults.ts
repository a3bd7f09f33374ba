/** The faults that every run of CI injects, over every area of the chain; `--all` takes all that the lab can make. */
export const chosenFaults = [
  'stack/operator-not-running',
  'stack/reconcile-failed',
  'stack/prometheus-paused',
  'operator/collection-disabled',
  'operator/image-unavailable',
  'service/missing',
  'service/selects-nothing',
  'monitor/missing',
  'monitor/label-mismatch',
  'monitor/namespace-not-selected',
  'monitor/namespace-not-watched',
  'monitor/selector-mismatch',
  'monitor/port-mismatch',
  'monitor/rejected-file-access',
  'monitor/rejected-timeout',
  'scrape/forbidden',
  'scrape/network-policy',
  'scrape/all-dropped',
  'scrape/tls',
  'scrape/not-found',
  'metrics/namespace-overwritten',
  'dashboard/missing',
  'dashboard/label-value',
  'dashboard/invalid-json',
  'grafana/namespace-not-watched',
  'grafana/sidecar-forbidden',
] as const

/** Faults that the doctor rightly names by another code, within the time a test waits. */
export const namedAs: Readonly<Record<string, string>> = {
  // Pods that are not ready are the operator's own trouble; the Service only shows it.
  'service/endpoints-not-ready': 'operator/not-ready',
  // A ServiceMonitor seconds old that is in no configuration yet is on its way, for five minutes.
  'scrape/config-not-written': 'scrape/reload-pending',
}

/** Faults beside which something stays open: whether another collector has the metrics, only it knows. */
export const openBeside: ReadonlySet<string> = new Set(['stack/other-collector'])
