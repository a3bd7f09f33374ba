import type { Era } from '../lab/layout.ts'

/** A fault of the lab that `--fix` repairs there. */
export interface FixableFault {
  readonly code: string
  /** Another way than the recommended one, by its id. */
  readonly way?: string
  /** Of the lab, where the fault or its fix is another one there; absent: the default. */
  readonly era?: Era
  /** What the user says: drift and objects of our own take --yes, the rest is named, and an upgrade wants its chart. */
  readonly by: 'yes' | 'name' | 'chart'
  /**
   * What else than the arrival of the metrics proves it, or for the dashboard's areas the file that the sidecar wrote: the
   * file is to be this program's own dashboard, or it is the data source that has to come.
   */
  readonly proof?: 'namespaces' | 'own dashboard' | 'data source'
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
  { code: 'stack/operator-not-running', by: 'name' },
  { code: 'stack/prometheus-paused', by: 'chart' },
  { code: 'operator/collection-disabled', by: 'chart', chosen: true },
  { code: 'service/missing', by: 'chart', staysAway: true },
  { code: 'service/selects-nothing', by: 'yes', chosen: true },
  { code: 'service/target-port-undeclared', by: 'yes' },
  { code: 'service/wrong-target-port', by: 'yes' },
  { code: 'monitor/missing', by: 'chart', staysAway: true, chosen: true },
  { code: 'monitor/installed-before-crds', by: 'chart', staysAway: true },
  { code: 'monitor/label-mismatch', by: 'yes', chosen: true },
  { code: 'monitor/label-mismatch', era: '1.5', by: 'chart' },
  { code: 'monitor/namespace-not-selected', by: 'name' },
  { code: 'monitor/selector-empty', by: 'name' },
  { code: 'monitor/selector-mismatch', by: 'yes' },
  { code: 'monitor/namespace-selector-mismatch', by: 'yes' },
  { code: 'monitor/port-mismatch', by: 'yes', chosen: true },
  { code: 'monitor/target-port-mismatch', by: 'yes' },
  { code: 'monitor/no-endpoints', by: 'yes' },
  { code: 'monitor/rejected-file-access', by: 'name' },
  { code: 'monitor/rejected-file-access', way: 'allow-files', by: 'chart' },
  { code: 'monitor/rejected-timeout', by: 'yes' },
  { code: 'scrape/discovery-forbidden', by: 'name', staysAway: true, nextUpgradeStopsAt: 'lab-fault' },
  { code: 'scrape/forbidden', by: 'name', nextUpgradeStopsAt: 'lab-fault', chosen: true },
  { code: 'scrape/unauthorized', by: 'yes' },
  { code: 'scrape/all-dropped', by: 'yes' },
  { code: 'scrape/network-policy', by: 'yes' },
  { code: 'scrape/tls', by: 'yes' },
  { code: 'scrape/scheme-mismatch', by: 'yes' },
  { code: 'scrape/not-found', by: 'yes' },
  { code: 'scrape/content-type', by: 'name' },
  {
    code: 'metrics/namespace-overwritten',
    by: 'name',
    proof: 'namespaces',
    nextUpgradeStopsAt: 'dynamo-metrics',
    chosen: true,
  },
  { code: 'metrics/renamed', era: '1.6', by: 'name', proof: 'own dashboard' },
  { code: 'dashboard/missing', by: 'yes', proof: 'own dashboard' },
  { code: 'dashboard/label-missing', by: 'yes', chosen: true },
  { code: 'dashboard/label-value', by: 'name' },
  { code: 'dashboard/empty', by: 'name', proof: 'own dashboard' },
  { code: 'dashboard/invalid-json', by: 'name', proof: 'own dashboard' },
  { code: 'dashboard/not-provisionable', by: 'name', proof: 'own dashboard' },
  { code: 'dashboard/unresolved-inputs', by: 'name', proof: 'own dashboard' },
  { code: 'dashboard/queries-unmatched', by: 'name', proof: 'own dashboard' },
  { code: 'grafana/sidecar-missing', by: 'chart' },
  { code: 'grafana/sidecar-misconfigured', by: 'chart' },
  { code: 'grafana/sidecar-forbidden', by: 'chart', staysAway: true },
  { code: 'grafana/namespace-not-watched', by: 'chart' },
  { code: 'grafana/resource-not-watched', by: 'chart' },
  { code: 'grafana/file-collision', by: 'chart' },
  { code: 'grafana/dashboard-not-loaded', by: 'name', staysAway: true },
  { code: 'grafana/datasource-missing', by: 'name', proof: 'data source', staysAway: true },
]
