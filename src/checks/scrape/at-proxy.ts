import { refOf } from '../../kubernetes/object-ref.ts'
import { dialledElsewhere } from '../../prometheus/scrape-error.ts'
import type { Failure, Repair } from './failure.ts'

/** Where Prometheus was sent through a proxy and did not reach it: then nothing is said of the operator. */
export const atProxy = ({ link, monitor, index, target }: Failure): Repair | undefined => {
  const dialled = target && dialledElsewhere(target.lastError, target.scrapeUrl)
  if (dialled === undefined) return undefined
  const { proxyUrl, proxyFromEnvironment } = monitor?.spec?.endpoints?.[index] ?? {}
  const environment = proxyFromEnvironment ? { field: 'proxyFromEnvironment', actual: 'true' } : undefined
  const named = proxyUrl === undefined ? environment : { field: 'proxyUrl', actual: proxyUrl }
  const subject = monitor && named ? refOf(monitor) : refOf(link.prometheus)
  return {
    subject,
    evidence: named
      ? [
          {
            ref: subject,
            path: `spec.endpoints[${index}].${named.field}`,
            expected: 'a proxy that Prometheus reaches, or none',
            actual: named.actual,
          },
        ]
      : [],
    because: `Prometheus scrapes through a proxy, and does not get through to it at ${dialled}: no request reaches the operator`,
    fixes: [
      {
        id: 'mend-proxy',
        title: 'Scrape without the proxy, or through one that answers',
        risk: 'manual',
        at: 'source',
        steps: [
          {
            do: 'tell',
            text: 'Pods of one cluster reach each other without a proxy. It is named in the ServiceMonitor, or in the environment of Prometheus (HTTPS_PROXY, NO_PROXY).',
            commands: [
              ...link.monitors.map(
                ({ metadata }) =>
                  `kubectl -n ${metadata.namespace} get servicemonitor ${metadata.name} -o yaml | grep -i proxy`,
              ),
              `kubectl -n ${link.prometheus.metadata.namespace} get prometheus ${link.prometheus.metadata.name} -o yaml | grep -i proxy`,
            ],
          },
        ],
        lasts: 'Yes, when it is changed where the object is rendered.',
        verify: ['scrape-target-up', 'metrics-families-present'],
      },
    ],
  }
}
