import * as Flags from '@oclif/core/flags'

const source = { helpGroup: 'SOURCE' }
const search = { helpGroup: 'WHERE TO LOOK' }

/** Which cluster, and as whom. */
export const clusterFlags = {
  context: Flags.string({ ...source, helpValue: 'NAME', summary: 'Context of the kubeconfig; else its current one.' }),
  kubeconfig: Flags.string({
    ...source,
    helpValue: 'FILE',
    summary: 'Kubeconfig file; else $KUBECONFIG, ~/.kube/config or the pod’s ServiceAccount.',
  }),
  as: Flags.string({ ...source, helpValue: 'USER', summary: 'User to impersonate.' }),
  timeout: Flags.string({
    ...source,
    helpValue: 'DURATION',
    default: '30s',
    summary: 'Limit for reading everything, like 30s or 2m.',
  }),
}

/** What narrows the search, or overrides what it would find. */
export const searchFlags = {
  'operator-namespace': Flags.string({
    ...search,
    helpValue: 'NAME',
    summary: 'Look for Dynamo operators in this namespace only.',
  }),
  prometheus: Flags.string({
    ...search,
    helpValue: 'NAMESPACE/NAME',
    summary: 'The Prometheus object to expect the metrics in.',
  }),
  grafana: Flags.string({
    ...search,
    helpValue: 'NAMESPACE/NAME',
    summary: 'The Grafana workload to expect the dashboard in.',
  }),
  'prometheus-url': Flags.string({
    ...search,
    helpValue: 'URL',
    summary: 'Ask Prometheus here.',
    description:
      'Token, CA file and headers: DYNAMO_METRICS_PROMETHEUS_TOKEN, _CA and _HEADERS (lines of "Name: value").',
  }),
  'grafana-url': Flags.string({
    ...search,
    helpValue: 'URL',
    summary: 'Ask Grafana here.',
    description: 'Token, CA file and headers: DYNAMO_METRICS_GRAFANA_TOKEN, _CA and _HEADERS (lines of "Name: value").',
  }),
}

/** Where to look for whoever asks Prometheus alone. */
export const prometheusSearchFlags = {
  'operator-namespace': searchFlags['operator-namespace'],
  prometheus: searchFlags.prometheus,
  'prometheus-url': searchFlags['prometheus-url'],
}

/** What can stand in a cluster's place, or be laid over it. */
export const replayFlags = {
  snapshot: Flags.string({
    ...source,
    helpValue: 'FILE',
    summary: 'Replay a recording of `dynamo-metrics snapshot`.',
    exclusive: ['demo', 'demo-case', 'offline'],
  }),
  manifests: Flags.string({
    ...source,
    helpValue: 'FILE',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'Manifests to lay over the cluster; - is stdin.',
    description: 'What would the doctor say if they were applied? With --offline they are all there is.',
  }),
  offline: Flags.boolean({
    ...source,
    summary: 'Judge the manifests alone, without a cluster.',
    dependsOn: ['manifests'],
  }),
  'default-namespace': Flags.string({
    ...source,
    helpValue: 'NAME',
    summary: 'Namespace of manifests that name none.',
  }),
  demo: Flags.boolean({
    ...source,
    summary: 'Replay a recorded cluster that ships with the package.',
    exclusive: ['offline'],
  }),
  'demo-case': Flags.string({
    ...source,
    helpValue: 'NAME',
    summary: 'Which recorded cluster; the default one is broken.',
  }),
}

/** The parsed values of the three groups above. */
export interface ClusterFlags {
  readonly context?: string | undefined
  readonly kubeconfig?: string | undefined
  readonly as?: string | undefined
  readonly timeout: string
}

export interface SearchFlags {
  readonly 'operator-namespace'?: string | undefined
  readonly prometheus?: string | undefined
  readonly grafana?: string | undefined
  readonly 'prometheus-url'?: string | undefined
  readonly 'grafana-url'?: string | undefined
}

export interface ReplayFlags {
  readonly snapshot?: string | undefined
  readonly manifests?: readonly string[] | undefined
  readonly offline?: boolean | undefined
  readonly 'default-namespace'?: string | undefined
  readonly demo?: boolean | undefined
  readonly 'demo-case'?: string | undefined
}
