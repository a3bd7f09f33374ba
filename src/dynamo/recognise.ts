import { repositoryOf } from '../kubernetes/repository-of.ts'
import { serviceSelects } from '../kubernetes/service-selects.ts'
import type { Container, Service, ServicePort, Workload } from '../model/kubernetes.ts'

/**
 * Picks the operator's Deployment and Services of every chart version, whatever the release and its overrides are
 * called: nameOverride changes `app.kubernetes.io/name`, nothing changes this label.
 */
export const operatorLabelSelector = 'app.kubernetes.io/part-of=dynamo-operator'

/** Whether a Deployment runs Dynamo's operator: by the chart's labels, or by the image of a plain installation. */
export const isDynamoOperator = ({ metadata, spec }: Workload): boolean =>
  (metadata.labels?.['app.kubernetes.io/part-of'] === 'dynamo-operator' &&
    metadata.labels['control-plane'] === 'controller-manager') ||
  (spec?.template?.spec?.containers ?? []).some(isManager)

/** Whether a container runs the operator itself, by its image: upstream's repository, or a copy that kept its name. */
export const isManager = ({ image = '' }: Container): boolean =>
  /(^|\/)(ai-dynamo\/kubernetes-operator|dynamo-operator)$/.test(repositoryOf(image))

/**
 * Whether a Service leads to the metrics of this operator. The chart has two Services that select the operator's
 * pods: the one for webhooks must not be taken. One whose labels or selector were damaged is still recognised by the
 * rest, so that the damage can be named.
 */
export const isMetricsService = (service: Service, workload: Workload): boolean =>
  service.metadata.namespace === workload.metadata.namespace &&
  !isForWebhooks(service) &&
  (selectsPodsOf(service, workload) || isOfSameInstance(service, workload)) &&
  (hasMetricsLabel(service) || (service.spec?.ports ?? []).some(isMetricsPort))

const webhookTargets: ReadonlySet<unknown> = new Set(['webhook-server', 'webhook', 9443])
const metricsTargets: ReadonlySet<unknown> = new Set(['metrics', 'https', 8080, 8443])
const metricsComponents: ReadonlySet<string> = new Set(['metrics', 'kube-rbac-proxy'])

/** One that is called after the metrics, itself or its port, was only led astray. */
const isForWebhooks = ({ metadata: { labels }, spec }: Service): boolean => {
  const ports = spec?.ports ?? []
  const isForMetrics = metricsComponents.has(labels?.['app.kubernetes.io/component'] ?? '')
  return (
    ports.length > 0 &&
    ports.every(
      ({ name, targetPort }) =>
        name === 'webhook' || (!isForMetrics && name !== 'metrics' && webhookTargets.has(targetPort)),
    )
  )
}

const isMetricsPort = ({ name, port, targetPort }: ServicePort): boolean =>
  name === 'metrics' || metricsTargets.has(targetPort ?? port)

const hasMetricsLabel = ({ metadata: { labels = {} } }: Service): boolean =>
  labels['control-plane'] === 'controller-manager' || metricsComponents.has(labels['app.kubernetes.io/component'] ?? '')

const selectsPodsOf = (service: Service, workload: Workload): boolean =>
  serviceSelects(service, workload.spec?.template?.metadata?.labels)

/** One namespace can hold several operators: the release label tells them apart. */
const isOfSameInstance = (service: Service, workload: Workload): boolean => {
  const instance = workload.metadata.labels?.['app.kubernetes.io/instance']
  return (
    service.metadata.labels?.['app.kubernetes.io/part-of'] === 'dynamo-operator' &&
    service.metadata.labels['app.kubernetes.io/instance'] === instance
  )
}
