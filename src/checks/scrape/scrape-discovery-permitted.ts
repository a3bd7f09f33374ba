import { formatRef, refOf, sameObject } from '../../kubernetes/object-ref.ts'
import type { Finding } from '../../model/finding.ts'
import type { FixStep } from '../../model/fix.ts'
import type { ObjectRef } from '../../model/object-ref.ts'
import type { ScrapeAccess } from '../../model/prometheus.ts'
import { defineCheck } from '../define-check.ts'
import { concernedPrometheuses } from '../stack/concerned-prometheuses.ts'
import { linksOf } from './links.ts'

export const scrapeDiscoveryPermitted = defineCheck({
  id: 'scrape-discovery-permitted',
  title: 'Prometheus may discover the Service',
  area: 'scrape',
  needs: ['chains', 'serviceMonitors', 'prometheuses', 'scrapeAccess'],
  wants: ['namespaces', 'prometheusOperators'],
  provedBy: 'metrics-families-present',
  codes: {
    'scrape/discovery-forbidden': {
      title: 'The Prometheus ServiceAccount may not list what service discovery needs',
      severity: 'error',
    },
  },
  run({ chains, serviceMonitors, prometheuses, scrapeAccess, namespaces, prometheusOperators }) {
    const concerned = concernedPrometheuses({
      prometheuses,
      chains: { ok: true, value: chains },
      serviceMonitors: { ok: true, value: serviceMonitors },
      namespaces,
    })
    const about = linksOf(concerned, {
      chains,
      serviceMonitors,
      prometheusStates: { ok: true, value: { items: [], unread: [] } },
      prometheusOperators,
    }).flatMap(link => link.about)
    const judged = scrapeAccess.items.filter(access =>
      concerned.some(prometheus => sameObject(refOf(prometheus), access.prometheus)),
    )
    if (judged.length === 0 || about.length === 0)
      return { notApplicable: 'there is no ServiceMonitor and Prometheus to ask for' }
    return {
      findings: judged.flatMap(access => forbidden(access, about)),
      notes: judged.map(({ serviceAccount }) => `${formatRef(serviceAccount)} may list what it needs`),
    }
  },
})

const forbidden = (
  { prometheus, serviceAccount, answers }: ScrapeAccess,
  about: readonly ObjectRef[],
): readonly Finding<'scrape/discovery-forbidden'>[] => {
  const [first, ...rest] = answers
    .filter(({ needed, allowed }) => needed.resource !== undefined && !allowed)
    .map(({ needed, reason }) => ({
      ref: serviceAccount,
      path: `${needed.verb} ${needed.resource} ${needed.namespace === undefined ? 'in all namespaces' : `in ${needed.namespace}`}`,
      expected: 'allowed',
      actual: reason ? `refused (${reason})` : 'refused',
    }))
  if (!first) return []
  const namespaces = [
    ...new Set(answers.filter(({ allowed }) => !allowed).flatMap(({ needed }) => needed.namespace ?? [])),
  ]
  return [
    {
      code: 'scrape/discovery-forbidden',
      subject: serviceAccount,
      about: [...about, prometheus],
      message: `${formatRef(serviceAccount)}, which ${formatRef(prometheus)} runs as, may not list what service discovery needs`,
      evidence: [first, ...rest],
      because:
        'discovery of a namespace begins only when services, endpoints and pods have all been listed: one missing right hides them all',
      fixes: [
        {
          id: 'grant-discovery',
          title: 'Grant the ServiceAccount what discovery needs',
          risk: 'disruptive',
          at: 'live',
          steps: namespaces.flatMap(namespace => roleFor(namespace, serviceAccount)),
          lasts:
            'Yes: the Role and the binding are your own. The lasting place is the chart of the monitoring stack, which should grant it itself.',
          verify: ['scrape-discovery-permitted', 'scrape-target-up'],
        },
      ],
    },
  ]
}

const roleFor = (namespace: string, account: ObjectRef): readonly FixStep[] => {
  const name = `dynamo-metrics-discovery-${account.name}`.slice(0, 63)
  const metadata = { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'dynamo-metrics' } }
  const verbs = ['get', 'list', 'watch']
  return [
    {
      do: 'apply',
      manifest: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata,
        rules: [
          { apiGroups: [''], resources: ['services', 'endpoints', 'pods'], verbs },
          { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs },
        ],
      },
    },
    {
      do: 'apply',
      manifest: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', name: account.name, namespace: account.namespace }],
      },
    },
  ]
}
