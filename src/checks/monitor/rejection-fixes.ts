import { chartOf } from '../../helm/chart-of.ts'
import { releaseOf } from '../../helm/owning-release.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Fix } from '../../model/fix.ts'
import type { Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import type { Rejection } from '../../prometheus/validation.ts'

type Code = Rejection['code'] | 'monitor/rejected-missing-secret'

const verify = ['monitor-accepted', 'scrape-config-loaded', 'scrape-target-up']

/** Ways to have the ServiceMonitor accepted, the smallest that --fix can go first: it never writes a Secret. */
export const rejectionFixes = (
  code: Code,
  monitor: ServiceMonitor,
  prometheus: Prometheus,
  rejection: Rejection | undefined,
): readonly Fix[] =>
  code === 'monitor/rejected-file-access'
    ? [allowFiles(prometheus), tokenSecret(monitor, prometheus)]
    : code === 'monitor/rejected-timeout'
      ? [dropTimeout(monitor, rejection)]
      : [tell(monitor, rejection)]

/** A token in a Secret of the ServiceMonitor's namespace does what the file did, and needs no file. */
const tokenSecret = (monitor: ServiceMonitor, prometheus: Prometheus): Fix => {
  const namespace = monitor.metadata.namespace ?? ''
  const account = prometheus.spec?.serviceAccountName ?? 'default'
  const name = `${monitor.metadata.name}-token`
  const endpoints = (monitor.spec?.endpoints ?? []).map(({ bearerTokenFile: _file, ...endpoint }) => ({
    ...endpoint,
    authorization: { credentials: { name, key: 'token' } },
  }))
  return {
    id: 'token-from-secret',
    title: 'Take the token from a Secret instead of a file, in a ServiceMonitor of your own',
    risk: 'disruptive',
    at: 'live',
    steps: [
      {
        do: 'tell',
        text: `A ServiceAccount in ${namespace} that may read /metrics, with a token of its own: a Secret can only hold the token of an account of its own namespace, so that of ${prometheus.metadata.namespace}/${account} will not do.`,
        commands: [
          `kubectl -n ${namespace} create serviceaccount ${name}`,
          `kubectl create clusterrole ${name} --verb=get --non-resource-url=/metrics`,
          `kubectl create clusterrolebinding ${name} --clusterrole=${name} --serviceaccount=${namespace}:${name}`,
        ],
      },
      {
        do: 'apply',
        manifest: {
          apiVersion: 'v1',
          kind: 'Secret',
          type: 'kubernetes.io/service-account-token',
          metadata: {
            name,
            namespace,
            annotations: { 'kubernetes.io/service-account.name': name },
            labels: { 'app.kubernetes.io/managed-by': 'dynamo-metrics' },
          },
        },
      },
      {
        do: 'apply',
        manifest: {
          apiVersion: monitor.apiVersion,
          kind: monitor.kind,
          metadata: {
            name: `${monitor.metadata.name}-token`,
            namespace,
            labels: { ...monitor.metadata.labels, 'app.kubernetes.io/managed-by': 'dynamo-metrics' },
          },
          spec: { ...monitor.spec, endpoints },
        },
      },
    ],
    lasts: 'Yes: these objects are your own. The chart’s ServiceMonitor stays rejected and harmless beside them.',
    verify,
  }
}

const allowFiles = (prometheus: Prometheus): Fix => {
  const release = releaseOf(prometheus)
  return {
    id: 'allow-files',
    title: `Let ServiceMonitors of ${formatRef(refOf(prometheus))} read files`,
    risk: 'disruptive',
    at: release ? 'source' : 'live',
    steps: release
      ? [
          {
            do: 'helm-upgrade',
            release: { ...release, ...chartOf(prometheus) },
            set: { 'prometheus.prometheusSpec.arbitraryFSAccessThroughSMs': null },
          },
        ]
      : [
          {
            do: 'patch',
            target: refOf(prometheus),
            type: 'merge',
            patch: { spec: { arbitraryFSAccessThroughSMs: null } },
          },
        ],
    lasts: 'Yes. It lifts a protection: any ServiceMonitor may then send any file of the Prometheus pod to its target.',
    verify,
  }
}

const dropTimeout = (monitor: ServiceMonitor, rejection: Rejection | undefined): Fix => {
  const index = Number(/endpoints\[(\d+)\]/.exec(rejection?.path ?? '')?.[1] ?? 0)
  return {
    id: 'drop-scrape-timeout',
    title: 'Remove the scrapeTimeout: the Prometheus’s own applies then',
    risk: 'disruptive',
    at: 'live',
    steps: [
      {
        do: 'patch',
        target: refOf(monitor),
        type: 'json',
        patch: [{ op: 'remove', path: `/spec/endpoints/${index}/scrapeTimeout` }],
      },
    ],
    lasts: 'Yes where the release renders none: the object only drifted from it.',
    verify,
  }
}

const tell = (monitor: ServiceMonitor, rejection: Rejection | undefined): Fix => ({
  id: 'correct-servicemonitor',
  title: 'Correct what the operator names, where the ServiceMonitor comes from',
  risk: 'manual',
  at: 'source',
  steps: [
    {
      do: 'tell',
      text: rejection
        ? `${rejection.path}: ${rejection.expected}, found ${rejection.actual}.`
        : 'The operator’s message names the field, the Secret or the rule.',
      commands: [
        `kubectl -n ${monitor.metadata.namespace} get events --field-selector involvedObject.name=${monitor.metadata.name}`,
      ],
    },
  ],
  lasts: 'Yes, when it is changed in the values or the manifest that render it.',
  verify,
})
