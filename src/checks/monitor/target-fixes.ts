import { refOf } from '../../kubernetes/object-ref.ts'
import type { Fix } from '../../model/fix.ts'
import type { Endpoint, Service, ServiceMonitor } from '../../model/kubernetes.ts'
import { lastsAsRendered } from '../scrape/lasts-on.ts'

/** Interval and honorLabels are the release's, which a check does not see: where one renders endpoints, those come back. */
export const endpointFix = (monitor: ServiceMonitor, service: Service): Fix => {
  const port = service.spec?.ports?.[0]?.name
  return {
    id: 'add-endpoint',
    title: 'Put back the endpoints that the release renders, or add the one of Dynamo’s chart',
    risk: 'disruptive',
    at: 'live',
    steps: [
      {
        do: 'patch',
        target: refOf(monitor),
        type: 'merge',
        patch: {
          spec: {
            endpoints: [
              {
                port,
                path: '/metrics',
                scheme: 'https',
                bearerTokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
                tlsConfig: { insecureSkipVerify: true },
              },
            ],
          },
        },
        orRendered: '/spec/endpoints',
      },
    ],
    lasts: lasts(monitor),
    verify,
  }
}

/** Keys that the Service has too keep its values, all others go; where none would be left, the Service's own labels come in. */
export const selectorFix = (monitor: ServiceMonitor, service: Service): Fix => {
  const { metadata, spec } = monitor
  const labels = service.metadata.labels ?? {}
  const keys = Object.keys(spec?.selector?.matchLabels ?? {})
  const kept = keys.some(key => key in labels) ? {} : lastingLabels(labels)
  return {
    id: 'correct-selector',
    title: 'Select the Service by the labels it has',
    risk: 'disruptive',
    at: 'live',
    steps: [
      {
        do: 'patch',
        target: { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor', ...named(metadata) },
        type: 'merge',
        patch: {
          spec: {
            selector: {
              matchLabels: { ...Object.fromEntries(keys.map(key => [key, labels[key] ?? null])), ...kept },
              ...(spec?.selector?.matchExpressions ? { matchExpressions: null } : {}),
            },
          },
        },
      },
    ],
    lasts: lasts(monitor),
    verify,
  }
}

export const namespaceFix = (monitor: ServiceMonitor, service: Service): Fix => ({
  id: 'correct-namespace-selector',
  title: 'Let it look into the namespace of the Service',
  risk: 'disruptive',
  at: 'live',
  steps: [
    {
      do: 'patch',
      target: refOf(monitor),
      type: 'merge',
      patch:
        service.metadata.namespace === monitor.metadata.namespace
          ? { spec: { namespaceSelector: null } }
          : { spec: { namespaceSelector: { any: null, matchNames: [service.metadata.namespace] } } },
    },
  ],
  lasts: lasts(monitor),
  verify,
})

/**
 * Of several ports the one that the Service leads to: pods also declare ports for webhooks and probes. Where that one
 * has a name, the Service's port takes the place of a target port, as every chart renders it: drift is put back so.
 */
export const portFix = (
  monitor: ServiceMonitor,
  service: Service,
  endpoint: Endpoint,
  index: number,
  offered: readonly string[],
): Fix => {
  const field = endpoint.port === undefined && endpoint.targetPort !== undefined ? 'targetPort' : 'port'
  const leadingTo = (name: string) =>
    service.spec?.ports?.find(({ targetPort, port: own }) => [String(targetPort), String(own)].includes(name))
  const port = offered.find(name => leadingTo(name)) ?? offered[0]
  // A quoted number would be taken for a name.
  const value = typeof endpoint.targetPort === 'number' && field === 'targetPort' ? Number(port) : port
  const name = port === undefined ? undefined : leadingTo(port)?.name
  const path = `/spec/endpoints/${index}`
  const patch =
    field === 'targetPort' && name !== undefined
      ? [
          { op: 'remove', path: `${path}/targetPort` },
          { op: 'add', path: `${path}/port`, value: name },
        ]
      : [{ op: 'replace', path: `${path}/${field}`, value }]
  return {
    id: 'correct-port',
    title: port === undefined ? 'Give the Service a port' : `Ask for ${field === 'targetPort' ? (name ?? port) : port}`,
    risk: port === undefined ? 'manual' : 'disruptive',
    at: 'live',
    steps: [
      port === undefined
        ? { do: 'tell', text: 'There is no port to ask for: see service/missing and the chart’s metricsService.ports.' }
        : {
            do: 'patch',
            target: refOf(monitor),
            type: 'json',
            patch,
          },
    ],
    lasts: lasts(monitor),
    verify,
  }
}

const verify = ['monitor-targets-service', 'scrape-target-up']
const lasts = (monitor: ServiceMonitor): string =>
  lastsAsRendered(
    monitor,
    'Yes where the release renders the same: the object only drifted from it. Otherwise the next upgrade takes it back.',
  )

/** Without those that the next upgrade changes. */
const lastingLabels = (labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(labels).filter(([key]) => !['helm.sh/chart', 'app.kubernetes.io/version'].includes(key)),
  )

const named = ({ name, namespace }: ServiceMonitor['metadata']) => ({
  name,
  ...(namespace === undefined ? {} : { namespace }),
})
