import type { Right } from '../model/rbac.ts'

type Row = readonly [scope: Right['scope'], group: string, resource: string, verbs: string, why: string]

const own = 'get patch create delete'

const keepers = 'whether what Argo CD or Flux keeps would be put back'

const rows: readonly Row[] = [
  ['namespaced', '', 'services', 'patch create delete', 'the metrics Service, its port and its selector'],
  ['namespaced', '', 'configmaps', 'patch create delete', 'the dashboard and its label, a data source'],
  [
    'namespaced',
    '',
    'secrets',
    'create update patch delete',
    'an empty one, which the API server fills with a token; what Helm keeps of each revision of a release',
  ],
  [
    'namespaced',
    '',
    'serviceaccounts',
    'patch create delete',
    'whether Prometheus is given its token, and whose token a Secret holds',
  ],
  ['namespaced', 'apps', 'deployments', 'get patch', 'an operator without replicas, a restart of Grafana'],
  ['namespaced', 'apps', 'statefulsets', 'get patch', 'a restart of Grafana'],
  [
    'namespaced',
    'monitoring.coreos.com',
    'servicemonitors',
    'patch create delete',
    'a ServiceMonitor, or one of our own beside it',
  ],
  ['namespaced', 'monitoring.coreos.com', 'prometheuses', 'get patch', 'which ServiceMonitors a Prometheus selects'],
  ['namespaced', 'networking.k8s.io', 'networkpolicies', own, 'the way from Prometheus to the operator'],
  ['namespaced', 'rbac.authorization.k8s.io', 'roles', own, 'rights that Prometheus or the sidecar lacks'],
  ['namespaced', 'rbac.authorization.k8s.io', 'rolebindings', own, 'the same; nobody can hand on what they lack'],
  ['cluster', 'rbac.authorization.k8s.io', 'clusterroles', own, 'rights that Prometheus or the sidecar lacks'],
  ['cluster', 'rbac.authorization.k8s.io', 'clusterrolebindings', own, 'the same; nobody can hand on what they lack'],
  ['cluster', '', 'namespaces', 'patch', 'a label that a Prometheus looks for'],
  ['cluster', 'argoproj.io', 'applications', 'get', keepers],
  ['cluster', 'kustomize.toolkit.fluxcd.io', 'kustomizations', 'get', keepers],
  ['cluster', 'helm.toolkit.fluxcd.io', 'helmreleases', 'get', keepers],
]

/**
 * What the steps of the fixes write, beyond what the doctor reads. `get` is for the object as it is, `create` for what is
 * applied and is not there, `delete` for `undo`. An upgrade by Helm takes what the chart's objects take, which is the
 * chart's to say.
 */
export const fixRights: readonly Right[] = rows.flatMap(([scope, group, resource, verbs, why]) =>
  verbs.split(' ').map(verb => ({ verb, group, resource, scope, why, leavesUnknown: [] })),
)
