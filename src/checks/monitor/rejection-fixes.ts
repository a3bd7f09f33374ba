import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Fix } from '../../model/fix.ts'
import type { HelmRelease } from '../../model/helm-release.ts'
import type { Endpoint, Prometheus, ServiceMonitor } from '../../model/kubernetes.ts'
import type { Rejection } from '../../prometheus/validation.ts'
import { grantSteps } from '../denied-access.ts'
import { lastsAsRendered } from '../scrape/lasts-on.ts'
import { stackValues } from '../upgrade-of.ts'

type Code = Rejection['code'] | 'monitor/rejected-missing-secret'

const verify = ['monitor-accepted', 'scrape-config-loaded', 'scrape-target-up']

/** Ways to have the ServiceMonitor accepted, the smallest first: objects of our own before the Prometheus that others share. */
export const rejectionFixes = (
  code: Code,
  monitor: ServiceMonitor,
  prometheus: Prometheus,
  rejections: readonly Rejection[],
  releases: readonly HelmRelease[],
): readonly Fix[] =>
  code === 'monitor/rejected-file-access'
    ? [...tokenSecret(monitor, prometheus), allowFiles(prometheus, releases)]
    : code === 'monitor/rejected-timeout'
      ? [dropTimeout(monitor, rejections)]
      : [tell(monitor, rejections)]

/**
 * A token in a Secret of the ServiceMonitor’s namespace does what the file did. A Secret can only hold the token of an
 * account of its own namespace, and only the API server fills it: so it is an account of our own that may read the
 * metrics, and nothing else. Certificates in files have no such way out.
 */
const tokenSecret = (monitor: ServiceMonitor, prometheus: Prometheus): readonly Fix[] => {
  const endpoints = monitor.spec?.endpoints ?? []
  if (endpoints.some(readsCertificates) || !endpoints.some(({ bearerTokenFile }) => bearerTokenFile)) return []
  const { namespace = 'default' } = monitor.metadata
  const metadata = {
    name: `${monitor.metadata.name}-token`,
    namespace,
    labels: { 'app.kubernetes.io/managed-by': 'dynamo-metrics' },
  }
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', name: metadata.name, namespace }
  const paths = [...new Set(endpoints.map(({ path = '/metrics' }) => path))]
  return [
    {
      id: 'token-from-secret',
      title: 'Take the token from a Secret instead of a file, in a ServiceMonitor of your own',
      risk: 'disruptive',
      at: 'live',
      steps: [
        {
          do: 'apply',
          manifest: { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
        },
        {
          do: 'apply',
          manifest: {
            apiVersion: 'v1',
            kind: 'Secret',
            type: 'kubernetes.io/service-account-token',
            metadata: { ...metadata, annotations: { 'kubernetes.io/service-account.name': account.name } },
          },
        },
        ...grantSteps(
          account,
          'scrape',
          paths.map(path => ({ needed: { verb: 'get', path }, allowed: false })),
        ),
        {
          do: 'apply',
          manifest: {
            apiVersion: monitor.apiVersion,
            kind: monitor.kind,
            metadata: { ...metadata, labels: { ...selectedBy(monitor, prometheus), ...metadata.labels } },
            spec: { ...monitor.spec, endpoints: endpoints.map(withSecret(metadata.name)) },
          },
        },
      ],
      lasts: 'Yes: these objects are your own. The chart’s ServiceMonitor stays rejected and harmless beside them.',
      verify,
    },
  ]
}

/** What the Prometheus asks for, and nothing else: by other labels a deployer may know its own objects. */
const selectedBy = ({ metadata: { labels = {} } }: ServiceMonitor, { spec }: Prometheus) => {
  const { matchLabels, matchExpressions } = spec?.serviceMonitorSelector ?? {}
  const asked = new Set([...Object.keys(matchLabels ?? {}), ...(matchExpressions ?? []).map(({ key }) => key)])
  return Object.fromEntries(Object.entries(labels).filter(([key]) => asked.has(key)))
}

const readsCertificates = ({ tlsConfig: { caFile, certFile, keyFile } = {} }: Endpoint): boolean =>
  Boolean(caFile || certFile || keyFile)

const withSecret =
  (name: string) =>
  ({ bearerTokenFile, ...endpoint }: Endpoint): Endpoint =>
    bearerTokenFile ? { ...endpoint, authorization: { credentials: { name, key: 'token' } } } : endpoint

const allowFiles = (prometheus: Prometheus, releases: readonly HelmRelease[]): Fix => ({
  id: 'allow-files',
  title: `Let ServiceMonitors of ${formatRef(refOf(prometheus))} read files`,
  ...(stackValues(prometheus, releases, {
    'kube-prometheus-stack.prometheus.prometheusSpec.arbitraryFSAccessThroughSMs': null,
  }) ?? {
    risk: 'disruptive',
    at: 'live',
    steps: [
      {
        do: 'patch',
        target: refOf(prometheus),
        type: 'merge',
        patch: { spec: { arbitraryFSAccessThroughSMs: null } },
      },
    ],
  }),
  lasts: 'Yes. It lifts a protection: any ServiceMonitor may then send any file of the Prometheus pod to its target.',
  verify,
})

const dropTimeout = (monitor: ServiceMonitor, rejections: readonly Rejection[]): Fix => {
  const indices = rejections.map(({ path }) => Number(/endpoints\[(\d+)\]/.exec(path)?.[1] ?? 0))
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
        patch: (indices.length > 0 ? indices : [0]).map(index => ({
          op: 'remove' as const,
          path: `/spec/endpoints/${index}/scrapeTimeout`,
        })),
      },
    ],
    lasts: lastsAsRendered(monitor, 'Yes where the release renders none: the object only drifted from it.'),
    verify,
  }
}

const tell = (monitor: ServiceMonitor, rejections: readonly Rejection[]): Fix => ({
  id: 'correct-servicemonitor',
  title: 'Correct what the operator names, where the ServiceMonitor comes from',
  risk: 'manual',
  at: 'source',
  steps: [
    {
      do: 'tell',
      text:
        rejections.map(({ path, expected, actual }) => `${path}: ${expected}, found ${actual}.`).join('\n') ||
        'The operator’s message names the field, the Secret or the rule.',
      commands: [
        `kubectl -n ${monitor.metadata.namespace} get events --field-selector involvedObject.name=${monitor.metadata.name}`,
      ],
    },
  ],
  lasts: 'Yes, when it is changed in the values or the manifest that render it.',
  verify,
})
