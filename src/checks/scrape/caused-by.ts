/** Codes of the links before the scrape, for `causedBy` of what comes after them. */

const stack = [
  'stack/crds-missing',
  'stack/no-prometheus',
  'stack/operator-not-running',
  'stack/prometheus-not-managed',
  'stack/prometheus-paused',
  'stack/prometheus-unmanaged',
  'stack/invalid-selector',
  'stack/reconcile-failed',
  'stack/prometheus-not-ready',
] as const

/** Not one that is not installed: without an operator there is no chain, and nothing of it to find. */
const operator = [
  'operator/too-old',
  'operator/image-unavailable',
  'operator/not-ready',
  'operator/collection-disabled',
] as const

const service = [
  'service/missing',
  'service/selects-nothing',
  'service/target-port-undeclared',
  'service/wrong-target-port',
] as const

const selection = [
  'monitor/missing',
  'monitor/installed-before-crds',
  'monitor/rendered-without-crds',
  'monitor/label-mismatch',
  'monitor/selector-empty',
  'monitor/namespace-not-selected',
  'monitor/namespace-not-watched',
  'monitor/wrong-prometheus',
  'monitor/no-endpoints',
] as const

const rejection = [
  'monitor/rejected-file-access',
  'monitor/rejected-missing-secret',
  'monitor/rejected-timeout',
  'monitor/rejected-relabeling',
  'monitor/rejected-scrape-class',
  'monitor/rejected-conflict',
  'monitor/rejected',
] as const

const targeting = [
  'monitor/selector-mismatch',
  'monitor/namespace-selector-mismatch',
  'monitor/port-mismatch',
  'monitor/target-port-mismatch',
] as const

/** What keeps a job out of the configuration that prometheus-operator writes. */
export const beforeConfig = [
  ...stack,
  'operator/collection-disabled',
  'service/missing',
  ...selection,
  ...rejection,
] as const

const loading = ['scrape/config-not-written', 'scrape/reload-failing', 'scrape/reload-pending'] as const

/** What leaves nothing to scrape, whichever configuration is loaded. */
export const beforeTargets = [
  ...beforeConfig,
  ...operator,
  ...service,
  ...targeting,
  'scrape/discovery-forbidden',
] as const

/** What keeps a loaded job without targets. */
export const beforeDiscovery = [...beforeTargets, ...loading] as const

const discovery = ['scrape/all-dropped', 'scrape/not-discovered'] as const

/** What lets another answer than the operator, or one that is too old for it. */
export const beforeScrape = [
  'operator/too-old',
  'operator/collection-disabled',
  ...service,
  'monitor/target-port-mismatch',
] as const

/** What keeps a target from answering at all. One that answers, wrong or not, does not lack a pod that is ready. */
export const beforeAnswer = [
  ...beforeScrape,
  'operator/image-unavailable',
  'operator/not-ready',
  'service/endpoints-not-ready',
] as const

/** What keeps series out of Prometheus. */
export const beforeSeries = [
  ...beforeDiscovery,
  ...discovery,
  'service/endpoints-not-ready',
  'scrape/not-scraped-yet',
  'scrape/unauthorized',
  'scrape/forbidden',
  'scrape/connection-refused',
  'scrape/timeout',
  'scrape/dns',
  'scrape/tls',
  'scrape/scheme-mismatch',
  'scrape/not-found',
  'scrape/content-type',
  'scrape/limit-exceeded',
  'scrape/down',
] as const
