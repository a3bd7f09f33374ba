/** A fault of the lab that `--fix` repairs there. */
export interface FixableFault {
  readonly code: string
  /** What the user says: drift and objects of our own take --yes, the rest is named, and an upgrade wants its chart. */
  readonly by: 'yes' | 'name' | 'chart'
  /** What else than the arrival of the metrics, or of the dashboard for its areas, proves it. */
  readonly proof?: 'namespaces'
  /**
   * The code does not come back when its fix is taken back: that rolls the release back to a revision whose manifest
   * has what was deleted by hand, or whose objects need a kind that was missing only then; or the release's next upgrade
   * brought back what was deleted; or a program goes on with what it was granted before.
   */
  readonly staysAway?: true
  /**
   * Whose field the release's next upgrade stops at: of the fix, which changes what the chart sets and says so before it
   * is named; or of the fault, which somebody made by hand and the fix leaves as it is.
   */
  readonly nextUpgradeStopsAt?: 'dynamo-metrics' | 'lab-fault'
  /** One of those that every run of CI repairs; `--all` takes every one. */
  readonly chosen?: true
}

export const fixableFaults: readonly FixableFault[] = [
  { code: 'stack/operator-not-running', by: 'name', nextUpgradeStopsAt: 'dynamo-metrics' },
  { code: 'stack/prometheus-paused', by: 'name', nextUpgradeStopsAt: 'dynamo-metrics' },
  { code: 'operator/collection-disabled', by: 'chart', chosen: true },
  { code: 'service/missing', by: 'chart', staysAway: true },
  { code: 'service/selects-nothing', by: 'yes', chosen: true },
  { code: 'service/target-port-undeclared', by: 'yes' },
  { code: 'monitor/missing', by: 'chart', staysAway: true, chosen: true },
  { code: 'monitor/installed-before-crds', by: 'chart', staysAway: true },
  { code: 'monitor/label-mismatch', by: 'yes', chosen: true },
  { code: 'monitor/namespace-not-selected', by: 'name' },
  { code: 'monitor/selector-empty', by: 'name' },
  { code: 'monitor/selector-mismatch', by: 'yes' },
  { code: 'monitor/namespace-selector-mismatch', by: 'yes' },
  { code: 'monitor/port-mismatch', by: 'yes', chosen: true },
  { code: 'monitor/target-port-mismatch', by: 'yes' },
  { code: 'monitor/no-endpoints', by: 'name', nextUpgradeStopsAt: 'dynamo-metrics' },
  { code: 'monitor/rejected-file-access', by: 'chart' },
  { code: 'monitor/rejected-timeout', by: 'yes' },
  { code: 'scrape/discovery-forbidden', by: 'name', staysAway: true, nextUpgradeStopsAt: 'lab-fault' },
  { code: 'scrape/forbidden', by: 'name', nextUpgradeStopsAt: 'lab-fault', chosen: true },
  { code: 'scrape/unauthorized', by: 'yes' },
  { code: 'scrape/all-dropped', by: 'yes' },
  { code: 'scrape/tls', by: 'yes' },
  { code: 'scrape/scheme-mismatch', by: 'yes' },
  { code: 'scrape/not-found', by: 'yes' },
  {
    code: 'metrics/namespace-overwritten',
    by: 'name',
    proof: 'namespaces',
    nextUpgradeStopsAt: 'dynamo-metrics',
    chosen: true,
  },
  { code: 'dashboard/missing', by: 'yes' },
  { code: 'dashboard/label-missing', by: 'yes', chosen: true },
  { code: 'dashboard/label-value', by: 'name' },
  { code: 'dashboard/empty', by: 'name' },
  { code: 'dashboard/invalid-json', by: 'name' },
  { code: 'grafana/sidecar-missing', by: 'chart' },
  { code: 'grafana/sidecar-misconfigured', by: 'chart' },
  { code: 'grafana/sidecar-forbidden', by: 'chart', staysAway: true },
  { code: 'grafana/namespace-not-watched', by: 'chart' },
  { code: 'grafana/resource-not-watched', by: 'chart' },
  { code: 'grafana/file-collision', by: 'chart' },
  { code: 'grafana/datasource-missing', by: 'yes', staysAway: true },
]
