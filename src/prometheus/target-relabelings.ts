import type {
  Endpoint,
  LabelSelector,
  Prometheus,
  RelabelConfig,
  ScrapeClass,
  ServiceMonitor,
} from '../model/kubernetes.ts'

/** One relabeling of a scrape job, with the field that made prometheus-operator write it. */
export interface TargetRelabeling {
  readonly origin: 'selector' | 'port' | 'phase' | 'label' | 'scrape-class-relabeling' | 'relabeling'
  /** Field path in the ServiceMonitor, or in the Prometheus object for a scrape class. */
  readonly path: string
  readonly rule: RelabelConfig
}

/**
 * The relabelings that prometheus-operator writes for one endpoint of a ServiceMonitor, in their order, without those
 * that share targets out among shards: these need the shard's own number.
 * Upstream: pkg/prometheus/promcfg.go, generateServiceMonitorConfig.
 */
export const targetRelabelings = (input: {
  readonly serviceMonitor: ServiceMonitor
  readonly endpointIndex: number
  readonly prometheus: Prometheus
  readonly role: 'endpoints' | 'endpointslice'
}): readonly TargetRelabeling[] => {
  const { serviceMonitor, endpointIndex, prometheus, role } = input
  const endpoint = serviceMonitor.spec?.endpoints?.[endpointIndex] ?? {}
  const at = `spec.endpoints[${endpointIndex}]`
  return [
    label('spec', { sourceLabels: ['job'], targetLabel: '__tmp_prometheus_job_name' }),
    ...(serviceMonitor.spec?.selectorMechanism === 'RoleSelector'
      ? []
      : selectorRules(serviceMonitor.spec?.selector ?? {})),
    ...portRules(endpoint, at, role),
    ...standardLabels(role),
    ...(endpoint.filterRunning === false ? [] : [phaseRule(at)]),
    ...copiedLabels(serviceMonitor, prometheus),
    ...jobLabels(serviceMonitor),
    ...endpointLabel(endpoint, at),
    ...scrapeClassRules(serviceMonitor, prometheus),
    ...(endpoint.relabelings ?? []).map((rule, index) => ({
      origin: 'relabeling' as const,
      path: `${at}.relabelings[${index}]`,
      rule,
    })),
  ]
}

/** The class a ServiceMonitor names, else the one that is everybody's default, with its place in the list. */
export const scrapeClassOf = (
  { spec }: ServiceMonitor,
  prometheus: Prometheus,
): { readonly index: number; readonly scrapeClass: ScrapeClass } | undefined => {
  const classes = prometheus.spec?.scrapeClasses ?? []
  const index = classes.findIndex(candidate =>
    spec?.scrapeClass ? candidate.name === spec.scrapeClass : candidate.default === true,
  )
  const scrapeClass = classes[index]
  return scrapeClass && { index, scrapeClass }
}

const label = (path: string, rule: RelabelConfig): TargetRelabeling => ({ origin: 'label', path, rule })

const sanitize = (name: string): string => name.replaceAll(/[^a-zA-Z0-9_]/g, '_')

const serviceLabel = (key: string): string => `__meta_kubernetes_service_label_${sanitize(key)}`
const serviceLabelPresent = (key: string): string => `__meta_kubernetes_service_labelpresent_${sanitize(key)}`

/** Values are not escaped upstream either: a dot matches any character. */
const selectorRules = ({ matchLabels, matchExpressions }: LabelSelector): readonly TargetRelabeling[] => [
  ...Object.entries(matchLabels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([key, value]): TargetRelabeling => ({
        origin: 'selector',
        path: `spec.selector.matchLabels.${key}`,
        rule: valueRule('keep', key, value),
      }),
    ),
  ...(matchExpressions ?? []).flatMap(({ key, operator, values }, index): readonly TargetRelabeling[] => {
    const rule = expressionRules.get(operator)?.(key, (values ?? []).join('|'))
    return rule ? [{ origin: 'selector', path: `spec.selector.matchExpressions[${index}]`, rule }] : []
  }),
]

const valueRule = (action: 'keep' | 'drop', key: string, values: string): RelabelConfig => ({
  action,
  sourceLabels: [serviceLabel(key), serviceLabelPresent(key)],
  regex: `(${values});true`,
})

const presenceRule = (action: 'keep' | 'drop', key: string): RelabelConfig => ({
  action,
  sourceLabels: [serviceLabelPresent(key)],
  regex: 'true',
})

const expressionRules: ReadonlyMap<string, (key: string, values: string) => RelabelConfig> = new Map([
  ['In', (key, values) => valueRule('keep', key, values)],
  ['NotIn', (key, values) => valueRule('drop', key, values)],
  ['Exists', key => presenceRule('keep', key)],
  ['DoesNotExist', key => presenceRule('drop', key)],
] satisfies [string, (key: string, values: string) => RelabelConfig][])

const portRules = ({ port, targetPort }: Endpoint, at: string, role: string): readonly TargetRelabeling[] => {
  const keep = (field: string, sourceLabel: string, regex: string): readonly TargetRelabeling[] => [
    { origin: 'port', path: `${at}.${field}`, rule: { action: 'keep', sourceLabels: [sourceLabel], regex } },
  ]
  if (port) return keep('port', `__meta_kubernetes_${role === 'endpoints' ? 'endpoint' : role}_port_name`, port)
  if (typeof targetPort === 'string' && targetPort !== '')
    return keep('targetPort', '__meta_kubernetes_pod_container_port_name', targetPort)
  return targetPort ? keep('targetPort', '__meta_kubernetes_pod_container_port_number', String(targetPort)) : []
}

const standardLabels = (role: string): readonly TargetRelabeling[] => {
  const prefix = `__meta_kubernetes_${role === 'endpoints' ? 'endpoint' : role}_address_target`
  const ofTarget = (kind: string, targetLabel: string) =>
    label('spec', { sourceLabels: [`${prefix}_kind`, `${prefix}_name`], regex: `${kind};(.*)`, targetLabel })
  return [
    ofTarget('Node', 'node'),
    ofTarget('Pod', 'pod'),
    label('spec', { sourceLabels: ['__meta_kubernetes_namespace'], targetLabel: 'namespace' }),
    label('spec', { sourceLabels: ['__meta_kubernetes_service_name'], targetLabel: 'service' }),
    label('spec', { sourceLabels: ['__meta_kubernetes_pod_name'], targetLabel: 'pod' }),
    label('spec', { sourceLabels: ['__meta_kubernetes_pod_container_name'], targetLabel: 'container' }),
  ]
}

const phaseRule = (at: string): TargetRelabeling => ({
  origin: 'phase',
  path: `${at}.filterRunning`,
  rule: { action: 'drop', sourceLabels: ['__meta_kubernetes_pod_phase'], regex: '(Failed|Succeeded)' },
})

/** Labels of the Service and of the pod that are to stand on the target as well: relabelings further on see them. */
const copiedLabels = ({ spec }: ServiceMonitor, prometheus: Prometheus): readonly TargetRelabeling[] => {
  const copy = (path: string, source: string, name: string) =>
    label(path, { sourceLabels: [`${source}_${sanitize(name)}`], targetLabel: sanitize(name), regex: '(.+)' })
  return [
    ...(spec?.targetLabels ?? []).map(name => copy('spec.targetLabels', '__meta_kubernetes_service_label', name)),
    ...[...(spec?.podTargetLabels ?? []), ...(prometheus.spec?.podTargetLabels ?? [])].map(name =>
      copy('spec.podTargetLabels', '__meta_kubernetes_pod_label', name),
    ),
  ]
}

const jobLabels = ({ spec }: ServiceMonitor): readonly TargetRelabeling[] => [
  label('spec', { sourceLabels: ['__meta_kubernetes_service_name'], targetLabel: 'job' }),
  ...(spec?.jobLabel
    ? [label('spec.jobLabel', { sourceLabels: [serviceLabel(spec.jobLabel)], targetLabel: 'job', regex: '(.+)' })]
    : []),
]

const endpointLabel = ({ port, targetPort }: Endpoint, at: string): readonly TargetRelabeling[] => {
  const name = port || String(targetPort ?? '')
  return name === '' ? [] : [label(at, { targetLabel: 'endpoint', replacement: name })]
}

const scrapeClassRules = (monitor: ServiceMonitor, prometheus: Prometheus): readonly TargetRelabeling[] => {
  const { index, scrapeClass } = scrapeClassOf(monitor, prometheus) ?? {}
  return (scrapeClass?.relabelings ?? []).map((rule, position) => ({
    origin: 'scrape-class-relabeling',
    path: `spec.scrapeClasses[${index}].relabelings[${position}]`,
    rule,
  }))
}
