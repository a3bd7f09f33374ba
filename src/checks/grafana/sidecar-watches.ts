import type { SidecarGate } from '../../grafana/judge-sidecar.ts'
import { searchedNamespaces } from '../../grafana/sidecar.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { Prometheus } from '../../model/kubernetes.ts'
import type { Listing, Read } from '../../model/read.ts'
import { none } from '../completeness.ts'
import { type Delivery, gateOf, nearestDeliveries } from '../dashboard/nearest-delivery.ts'
import { defineCheck } from '../define-check.ts'
import { setEnv } from './set-env.ts'
import { grafanaValueFix } from './value-fix.ts'

export const sidecarWatches = defineCheck({
  id: 'grafana-sidecar-watches',
  title: 'The dashboard sidecar looks where the dashboard is',
  area: 'grafana',
  needs: ['chains', 'grafanas', 'dashboardFiles'],
  wants: ['loadedDashboards', 'prometheuses'],
  provedBy: 'grafana-dashboard-loaded',
  codes: {
    'grafana/namespace-not-watched': {
      title: 'The sidecar does not search the namespace of the dashboard’s ConfigMap',
      severity: 'error',
      causedBy: ['grafana/sidecar-misconfigured'],
    },
    'grafana/resource-not-watched': {
      title: 'The sidecar leaves ConfigMaps, or this one, out',
      severity: 'error',
      causedBy: ['grafana/sidecar-misconfigured'],
    },
  },
  run({ prometheuses, ...facts }) {
    if (facts.chains.items.length === 0) return none('there is no Dynamo operator', facts.chains)
    if (facts.grafanas.items.every(({ sidecar }) => sidecar === undefined))
      return none('no Grafana has a dashboard sidecar', facts.grafanas)
    if (facts.dashboardFiles.items.length === 0) return none('no ConfigMap holds the dashboard', facts.dashboardFiles)
    const deliveries = nearestDeliveries(facts)
    return {
      findings: deliveries.flatMap(delivery => [
        ...failing(delivery, 'namespace').map(gate => namespaceNotWatched(delivery, gate, prometheuses)),
        ...[...failing(delivery, 'resource'), ...failing(delivery, 'name')]
          .slice(0, 1)
          .map(gate => resourceNotWatched(delivery, gate, prometheuses)),
      ]),
      unknown: deliveries
        .filter(({ gates }) => gates.some(({ gate, passes }) => watching.has(gate) && passes === 'unknown'))
        .map(({ grafana, sidecar }) => ({
          missing: [],
          reason: `where the sidecar of ${formatRef(refOf(grafana.workload))} looks cannot be read from its pod template (${sidecar.unreadable.join(', ')})`,
        })),
      notes: deliveries.map(({ grafana }) => formatRef(refOf(grafana.workload))),
    }
  },
})

const watching: ReadonlySet<SidecarGate['gate']> = new Set(['resource', 'namespace', 'name'])

const failing = (delivery: Delivery, name: SidecarGate['gate']): readonly SidecarGate[] => {
  const gate = gateOf(delivery, name)
  return gate?.passes === false ? [gate] : []
}

const verify = ['grafana-sidecar-watches', 'grafana-dashboard-loaded']

const findingOf = (
  { configMap, grafana, sidecar }: Delivery,
  gate: SidecarGate,
): Pick<Finding, 'subject' | 'about' | 'evidence'> => {
  const subject = refOf(grafana.workload)
  return {
    subject,
    about: [refOf(configMap)],
    evidence: [
      {
        ref: subject,
        path: `spec.template.spec.containers[${sidecar.container}].env.${gate.path}`,
        expected: gate.expected,
        actual: gate.actual,
      },
    ],
  }
}

const namespaceNotWatched = (
  delivery: Delivery,
  gate: SidecarGate,
  prometheuses: Read<Listing<Prometheus>>,
): Finding<'grafana/namespace-not-watched'> => {
  const { configMap, grafana, sidecar } = delivery
  const namespace = configMap.metadata.namespace ?? 'default'
  return {
    code: 'grafana/namespace-not-watched',
    ...findingOf(delivery, gate),
    message: `The dashboard sidecar of ${formatRef(refOf(grafana.workload))} does not search namespace ${namespace}, where ${formatRef(refOf(configMap))} is`,
    because:
      sidecar.settings.NAMESPACE === undefined
        ? 'without NAMESPACE the sidecar looks only in the namespace of its own pod'
        : 'NAMESPACE names the namespaces one by one, and this one is not among them',
    fixes: [searchFix(delivery, namespace, prometheuses), moveFix(delivery)],
  }
}

/** The namespaces searched today, and this one more: less than all of them. */
const searchFix = ({ grafana, sidecar }: Delivery, namespace: string, prometheuses: Read<Listing<Prometheus>>): Fix => {
  const today = searchedNamespaces(sidecar, grafana.workload.metadata.namespace ?? 'default')
  const entries =
    today === 'ALL'
      ? []
      : today.map(entry => entry.trim()).filter(entry => entry !== '' && entry.toUpperCase() !== 'ALL')
  const wanted = [...new Set([...entries, namespace])].join(',')
  return grafanaValueFix({
    grafana,
    prometheuses,
    id: 'search-namespace',
    title: `Let the sidecar search namespace ${namespace} too`,
    set: { 'sidecar.dashboards.searchNamespace': wanted },
    verify: [...verify, 'grafana-sidecar-permitted'],
    byHand: {
      text: 'Change the environment of the sidecar where the workload is kept, or in the cluster. Its ServiceAccount must be allowed to list and watch ConfigMaps there.',
      commands: [setEnv(grafana.workload, sidecar.container, { NAMESPACE: wanted })],
    },
  })
}

const moveFix = ({ configMap, grafana, sidecar }: Delivery): Fix => {
  const own = grafana.workload.metadata.namespace ?? 'default'
  const today = searchedNamespaces(sidecar, own)
  const target = today === 'ALL' || today.includes(own) ? own : (today[0]?.trim() ?? own)
  const { namespace, name } = configMap.metadata
  return {
    id: 'copy-dashboard',
    title: `Put a copy of the ConfigMap into namespace ${target}, which the sidecar searches`,
    risk: 'manual',
    at: 'live',
    steps: [
      {
        do: 'tell',
        text: 'Only name, labels and data come along; the ConfigMap that is there stays.',
        commands: [
          `kubectl -n ${namespace} get configmap ${name} -o json | jq '{apiVersion, kind, metadata: {name: .metadata.name, labels: .metadata.labels}, data}' | kubectl apply --server-side -n ${target} -f -`,
        ],
      },
    ],
    lasts: 'Yes: nobody else owns the copy. It does not follow changes of the original.',
    verify,
  }
}

const resourceNotWatched = (
  delivery: Delivery,
  gate: SidecarGate,
  prometheuses: Read<Listing<Prometheus>>,
): Finding<'grafana/resource-not-watched'> => {
  const { configMap, grafana, sidecar } = delivery
  const byKind = gate.gate === 'resource'
  const names = [...(sidecar.settings.RESOURCE_NAME ?? '').split(',').map(name => name.trim()), configMap.metadata.name]
    .filter((name, index, all) => name !== '' && all.indexOf(name) === index)
    .join(',')
  return {
    code: 'grafana/resource-not-watched',
    ...findingOf(delivery, gate),
    message: byKind
      ? `The dashboard sidecar of ${formatRef(refOf(grafana.workload))} does not fetch ConfigMaps: RESOURCE is ${gate.actual}`
      : `The dashboard sidecar of ${formatRef(refOf(grafana.workload))} fetches only the ConfigMaps that RESOURCE_NAME lists, and ${configMap.metadata.name} is not one`,
    because: byKind
      ? 'RESOURCE says which kind of object the sidecar fetches'
      : 'with RESOURCE_NAME set the sidecar fetches by name and leaves labels out of account',
    fixes: [
      grafanaValueFix({
        grafana,
        prometheuses,
        id: 'watch-resource',
        title: byKind ? 'Let the sidecar fetch ConfigMaps too' : 'Add the ConfigMap to the list of names',
        set: byKind ? { 'sidecar.dashboards.resource': 'both' } : { 'sidecar.dashboards.resourceName': names },
        verify: [...verify, 'grafana-sidecar-permitted'],
        byHand: {
          text: 'Change the environment of the sidecar where the workload is kept, or in the cluster:',
          commands: [
            setEnv(grafana.workload, sidecar.container, byKind ? { RESOURCE: 'both' } : { RESOURCE_NAME: names }),
          ],
        },
      }),
    ],
  }
}
