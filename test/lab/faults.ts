import { dynamoTarget, grafana, isReady, podsOf, prometheusOperatorPods } from './ask.ts'
import {
  addBoard,
  addSpare,
  asksSpare,
  forSharing,
  inNewSchema,
  lacksLastPanel,
  leadToSpare,
  misspell,
  shownFrom,
  shows,
  showsText,
  spare,
  spareIsReady,
  takeTitleFirst,
} from './boards.ts'
import { apps, core, get, inStack, monitoring, type Prometheus, send } from './cluster.ts'
import {
  all,
  dashboardGone,
  deploymentGone,
  type Effect,
  endpointsNotReady,
  grafanaReady,
  leadIsTaken,
  noPods,
  noPool,
  noTarget,
  notReconciled,
  rejected,
  reloadFails,
  replicasCount,
  seriesGone,
  seriesThere,
  targetDown,
  targetUp,
  waiting,
} from './effects.ts'
import { applyByArgoCd } from './gitops.ts'
import { restartPods, restartPrometheus } from './heal.ts'
import {
  applyObjects,
  dashboardJson,
  deleteCrds,
  deleteDynamoResources,
  ensureCrds,
  graphDeployment,
  installDynamo,
  installStack,
  twoReplicas,
} from './installs.ts'
import type { KubeObject } from './kube-client.ts'
import { dynamo, type Era, faultLabel, imitateAnnotation, names, stack } from './layout.ts'
import { dropAnswersTo, dropNoAnswers } from './network.ts'
import { setSwitch } from './set-switch.ts'
import { signalPods } from './signals.ts'
import type { Switch } from './stand-ins/switches.ts'
import { helm } from './tools.ts'
import { waitFor } from './wait.ts'

export interface Fault {
  /** What is done to the healthy lab, in one line. */
  readonly breaks: string
  /** What of it is only imitated. */
  readonly imitated?: string
  /** The first era that has what is broken here: up to 0.9 the metrics are open to all. */
  readonly era?: Era
  readonly apply: () => Promise<unknown>
  /** The effect in the real programs, or in the stand-in for those that are not here. */
  readonly settled: Effect
  /** How the doctor has to be asked to see it. */
  readonly flags?: readonly string[]
  /** For a state that outlives the fault once the baseline is installed again. */
  readonly afterHeal?: () => Promise<unknown>
}

interface JsonPatch {
  readonly op: 'add' | 'remove' | 'replace'
  readonly path: string
  readonly value?: unknown
}

const monitor = monitoring(dynamo.namespace, 'servicemonitors', names.serviceMonitor)
const prometheus = monitoring(stack.namespace, 'prometheuses', names.prometheus)
const service = core(dynamo.namespace, 'services', names.metricsService)
const dashboard = inStack('configmaps', names.dashboard)
const prometheusRole = `/apis/rbac.authorization.k8s.io/v1/clusterroles/${names.prometheusRole}`
const endpoint = '/spec/endpoints/0'
const operatorPods = 'control-plane=controller-manager'
const grafanaPods = 'app.kubernetes.io/name=grafana'
const prometheusPods = `operator.prometheus.io/name=${names.prometheus}`
const spec = 'prometheus.prometheusSpec'
const sidecar = 'grafana.sidecar.dashboards'
const managerAnnotations = 'dynamo-operator.controllerManager.podAnnotations'

const merge = (path: string, body: unknown) => () =>
  send('PATCH', `${path}?fieldManager=lab-fault`, body, 'application/merge-patch+json')
const edit =
  (path: string, ...patch: JsonPatch[]) =>
  () =>
    send('PATCH', `${path}?fieldManager=lab-fault`, patch, 'application/json-patch+json')
const remove = (path: string) => () => send('DELETE', path, {})
const editMonitor = (...patch: JsonPatch[]) => edit(monitor, ...patch)
const onEndpoint = (field: string, value: unknown) => editMonitor({ op: 'add', path: `${endpoint}/${field}`, value })
const stackValue = (value: string) => () => installStack('--set', value)
const stackJson = (value: string, json: unknown) => () => installStack('--set-json', `${value}=${JSON.stringify(json)}`)
const dynamoValue = (value: string) => () => installDynamo('--set', value)
const dynamoJson = (value: string, json: unknown) => () =>
  installDynamo('--set-json', `${value}=${JSON.stringify(json)}`)
const imitate = (what: string) => ({ [imitateAnnotation]: what })
const switched = (namespace: string, name: Switch, value: string) => () => setSwitch(namespace, name, value)

const countOfTrial = 'dynamo_operator_resources_total{status="pending"}'

const alloy = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'collector', labels: { 'app.kubernetes.io/name': 'alloy', [faultLabel]: 'other-collector' } },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'collector' } },
    template: {
      metadata: { labels: { app: 'collector' } },
      spec: { containers: [{ name: 'alloy', image: 'grafana/alloy:v1.12.0' }] },
    },
  },
}

/** Code of the finding -> the fault that should lead to it. */
export const faults: Readonly<Record<string, Fault>> = {
  'monitor/label-mismatch': {
    breaks: 'kps goes back to its default: only ServiceMonitors labelled release=kps are selected',
    apply: stackValue(`${spec}.serviceMonitorSelectorNilUsesHelmValues=true`),
    settled: noPool,
  },
  'monitor/missing': { breaks: 'the ServiceMonitor is deleted', apply: remove(monitor), settled: noPool },
  'monitor/installed-before-crds': {
    breaks: "dyn is installed while prometheus-operator's CRDs are not there, which come afterwards",
    apply: installBeforeCrds,
    settled: all(noPool, async () => !(await get(monitor))),
  },
  'monitor/rendered-without-crds': {
    breaks: 'Argo CD renders the chart without knowing the kinds of the cluster, and applies it',
    imitated: 'Argo CD: helm template, kubectl apply with its mark, and its Application',
    apply: () => applyByArgoCd({}),
    settled: all(noPool, async () => !(await get(monitor))),
  },
  'monitor/namespace-not-selected': {
    breaks: 'Prometheus selects namespaces labelled monitoring=enabled, and inference is not',
    apply: async () => {
      await merge(`/api/v1/namespaces/${stack.namespace}`, { metadata: { labels: { monitoring: 'enabled' } } })()
      await stackJson(`${spec}.serviceMonitorNamespaceSelector`, { matchLabels: { monitoring: 'enabled' } })()
    },
    settled: noPool,
  },
  'monitor/namespace-not-watched': {
    breaks: 'prometheus-operator watches its own namespace only',
    apply: stackValue('prometheusOperator.namespaces.releaseNamespace=true'),
    settled: noPool,
  },
  'monitor/selector-empty': {
    breaks: 'the Prometheus object loses its serviceMonitorSelector',
    apply: merge(prometheus, { spec: { serviceMonitorSelector: null } }),
    settled: noPool,
  },
  'monitor/selector-mismatch': {
    breaks: "the ServiceMonitor's selector names another instance",
    apply: merge(monitor, { spec: { selector: { matchLabels: { 'app.kubernetes.io/instance': 'dynamo-platform' } } } }),
    settled: noTarget,
  },
  'monitor/namespace-selector-mismatch': {
    breaks: 'the ServiceMonitor looks for Services in the namespace dynamo-system',
    apply: merge(monitor, { spec: { namespaceSelector: { matchNames: ['dynamo-system'] } } }),
    settled: noTarget,
  },
  'monitor/port-mismatch': {
    breaks: 'the ServiceMonitor asks for a port name the Service does not have',
    apply: onEndpoint('port', 'metrics-port'),
    settled: noTarget,
  },
  'monitor/target-port-mismatch': {
    breaks: 'the ServiceMonitor asks for a container port nobody declares',
    apply: editMonitor(
      { op: 'remove', path: `${endpoint}/port` },
      { op: 'add', path: `${endpoint}/targetPort`, value: 9876 },
    ),
    settled: noTarget,
  },
  'monitor/no-endpoints': {
    breaks: 'the ServiceMonitor has an empty list of endpoints',
    apply: editMonitor({ op: 'replace', path: '/spec/endpoints', value: [] }),
    settled: noPool,
  },
  'monitor/rejected-file-access': {
    breaks: 'Prometheus denies ServiceMonitors its file system, and this one names a token file',
    era: '1.4',
    apply: stackJson(`${spec}.arbitraryFSAccessThroughSMs`, { deny: true }),
    settled: rejected(/accesses file system/),
  },
  'monitor/rejected-timeout': {
    breaks: 'the scrape timeout is longer than the interval',
    apply: onEndpoint('scrapeTimeout', '30s'),
    settled: rejected(/greater than scrapeInterval/),
  },
  'monitor/rejected-relabeling': {
    breaks: 'a relabeling has a regular expression that does not parse',
    apply: onEndpoint('relabelings', [{ action: 'keep', sourceLabels: ['pod'], regex: '(' }]),
    settled: rejected(/relabel/i),
  },
  'monitor/rejected-missing-secret': {
    breaks: "the ServiceMonitor's credentials are in a Secret that is not there",
    era: '1.4',
    apply: editMonitor(
      { op: 'remove', path: `${endpoint}/bearerTokenFile` },
      { op: 'add', path: `${endpoint}/authorization`, value: { credentials: { name: 'scrape-token', key: 'token' } } },
    ),
    settled: rejected(/scrape-token/),
  },
  'monitor/rejected-scrape-class': {
    breaks: 'the ServiceMonitor names a scrape class Prometheus does not have',
    apply: merge(monitor, { spec: { scrapeClass: 'mesh' } }),
    settled: rejected(/scrapeClass/),
  },
  'monitor/rejected-conflict': {
    breaks: 'the endpoint has a basic login and an authorization at once',
    apply: editMonitor(
      { op: 'add', path: `${endpoint}/basicAuth`, value: { username: { name: 'login', key: 'user' } } },
      { op: 'add', path: `${endpoint}/authorization`, value: { credentials: { name: 'login', key: 'token' } } },
    ),
    settled: rejected(/basicAuth|authorization/i),
  },
  'monitor/rejected': {
    breaks: "the ServiceMonitor's selector has an operator that does not exist",
    apply: merge(monitor, {
      spec: { selector: { matchExpressions: [{ key: 'app', operator: 'Equals', values: ['dynamo-operator'] }] } },
    }),
    settled: rejected(/selector/i),
  },
  'monitor/wrong-prometheus': {
    breaks: 'nothing: a second Prometheus selects nothing of Dynamo, and --prometheus names that one',
    apply: addSpare,
    settled: spareIsReady,
    flags: ['--prometheus', `${stack.namespace}/${spare}`],
  },
  'monitor/duplicated': {
    breaks: 'a second ServiceMonitor scrapes the same port of the same Service, under a job name of its own',
    apply: () => copyMonitor('second-operator-monitor'),
    settled: seriesThere('dynamo_operator_resources_total{job="dynamo-operator"}'),
  },
  'stack/prometheus-paused': {
    breaks: 'Prometheus is paused, then the ServiceMonitor is created',
    apply: () => beforeMonitorExists(stackValue(`${spec}.paused=true`), pausedSeen),
    settled: all(noPool, monitorExists),
  },
  'stack/operator-not-running': {
    breaks: 'prometheus-operator is scaled to 0, then the ServiceMonitor is created',
    apply: () =>
      beforeMonitorExists(
        merge(apps(stack.namespace, 'deployments', names.prometheusOperator), { spec: { replicas: 0 } }),
        noPods(stack.namespace, prometheusOperatorPods),
      ),
    settled: all(noPool, monitorExists),
  },
  'stack/prometheus-not-managed': {
    breaks:
      'prometheus-operator looks after Prometheus objects labelled team=platform only, then the ServiceMonitor is created',
    apply: () =>
      beforeMonitorExists(stackValue('prometheusOperator.prometheusInstanceSelector=team=platform'), operatorRolledOut),
    settled: all(noPool, monitorExists),
  },
  'stack/prometheus-unmanaged': {
    breaks: 'the Prometheus object has no monitor selector at all, and the ServiceMonitor comes afterwards',
    apply: () =>
      beforeMonitorExists(
        merge(prometheus, { spec: { serviceMonitorSelector: null, podMonitorSelector: null } }),
        reconcileReason('NoSelectedResources'),
      ),
    settled: all(noPool, monitorExists),
  },
  'stack/prometheus-not-ready': {
    breaks: 'the Prometheus pod crashes again and again',
    imitated: "the crash, by the pod's status",
    apply: stackJson(`${spec}.podMetadata`, { annotations: imitate('CrashLoopBackOff') }),
    settled: waiting(stack.namespace, prometheusPods, 'CrashLoopBackOff'),
  },
  'stack/service-account-missing': {
    breaks: 'Prometheus should run as a ServiceAccount that is not there',
    apply: merge(prometheus, { spec: { serviceAccountName: 'prometheus-of-before' } }),
    settled: noPods(stack.namespace, prometheusPods),
  },
  'stack/reconcile-failed': {
    breaks: 'Prometheus refers to scrape configs in a Secret that is not there, then the ServiceMonitor is created',
    apply: () =>
      beforeMonitorExists(
        stackJson(`${spec}.additionalScrapeConfigsSecret`, { enabled: true, name: 'legacy-jobs', key: 'jobs.yaml' }),
        notReconciled,
      ),
    settled: all(noPool, notReconciled, monitorExists),
  },
  'stack/invalid-selector': {
    breaks:
      "Prometheus's serviceMonitorSelector has an operator that does not exist, then the ServiceMonitor is created",
    apply: () =>
      beforeMonitorExists(
        merge(prometheus, {
          spec: {
            serviceMonitorSelector: { matchExpressions: [{ key: 'release', operator: 'Equals', values: ['kps'] }] },
          },
        }),
        notReconciled,
      ),
    settled: all(noPool, notReconciled, monitorExists),
  },
  'stack/no-prometheus': {
    breaks: 'the Prometheus object is deleted',
    apply: remove(prometheus),
    settled: noPods(stack.namespace, prometheusPods),
  },
  'stack/other-collector': {
    breaks: 'the Prometheus object is deleted, and Grafana Alloy is there in its place',
    imitated: 'Alloy: a Deployment without pods',
    apply: async () => {
      await send('POST', apps(stack.namespace, 'deployments'), alloy)
      await remove(prometheus)()
    },
    settled: noPods(stack.namespace, prometheusPods),
  },
  'stack/crds-missing': {
    breaks: "prometheus-operator's CRDs are deleted, and every object of theirs with them",
    apply: deleteCrds,
    settled: noPods(stack.namespace, prometheusPods),
  },
  'stack/grafana-not-ready': {
    breaks: 'the Grafana pod crashes again and again',
    imitated: "the crash, by the pod's status",
    apply: stackJson('grafana.podAnnotations', imitate('CrashLoopBackOff')),
    settled: waiting(stack.namespace, grafanaPods, 'CrashLoopBackOff'),
  },
  'stack/grafana-not-found': {
    breaks: 'kps is installed without Grafana',
    apply: stackValue('grafana.enabled=false'),
    settled: noPods(stack.namespace, grafanaPods),
  },
  'operator/not-installed': {
    breaks: 'release dyn is uninstalled',
    apply: () => helm('uninstall', dynamo.release, '-n', dynamo.namespace, '--wait'),
    settled: all(deploymentGone, noPool),
  },
  'operator/not-ready': {
    breaks: "the Dynamo operator's pod crashes again and again",
    imitated: "the crash, by the pod's status",
    apply: dynamoJson(managerAnnotations, imitate('CrashLoopBackOff')),
    settled: all(waiting(dynamo.namespace, operatorPods, 'CrashLoopBackOff'), targetDown(/refused/)),
  },
  'operator/image-unavailable': {
    breaks: "the Dynamo operator's image cannot be pulled",
    imitated: "the failed pull, by the pod's status",
    apply: dynamoJson(managerAnnotations, imitate('ImagePullBackOff')),
    settled: all(waiting(dynamo.namespace, operatorPods, 'ImagePullBackOff'), noTarget),
  },
  'operator/collection-disabled': {
    breaks: 'dyn is upgraded with metricsService.enabled=false',
    apply: dynamoValue('dynamo-operator.metricsService.enabled=false'),
    settled: noPool,
  },
  'service/missing': { breaks: 'the metrics Service is deleted', apply: remove(service), settled: noTarget },
  'service/selects-nothing': {
    breaks: "the Service's selector matches no pod",
    apply: merge(service, { spec: { selector: { 'control-plane': 'manager' } } }),
    settled: noTarget,
  },
  'service/endpoints-not-ready': {
    breaks: "the Dynamo operator's pod is not ready",
    imitated: "the failing readiness probe, by the pod's status",
    apply: dynamoJson(managerAnnotations, imitate('NotReady')),
    settled: all(endpointsNotReady, targetUp),
  },
  'service/target-port-undeclared': {
    breaks: "the Service's targetPort is a name no container declares",
    apply: edit(service, { op: 'replace', path: '/spec/ports/0/targetPort', value: 'http-metrics' }),
    settled: noTarget,
  },
  'service/wrong-target-port': {
    breaks: "the Service's port leads to the port of the webhooks",
    apply: edit(service, { op: 'replace', path: '/spec/ports/0/targetPort', value: 'webhook-server' }),
    settled: targetDown(/refused/),
  },
  'scrape/discovery-forbidden': {
    breaks: "Prometheus's ClusterRole loses services, endpoints and pods, and Prometheus starts anew",
    apply: async () => {
      await edit(prometheusRole, { op: 'remove', path: '/rules/0' })()
      await restartPrometheus()
    },
    settled: noTarget,
    afterHeal: restartPrometheus, // its discovery backs off after a refused list
  },
  'scrape/not-discovered': {
    breaks:
      "Prometheus's ClusterRole lost services, endpoints and pods and has them again, while discovery waits longer and longer to ask anew",
    apply: loseDiscoveryForAWhile,
    settled: noTarget,
    afterHeal: restartPrometheus,
  },
  'scrape/forbidden': {
    breaks: "Prometheus's ClusterRole loses GET /metrics",
    era: '1.4',
    apply: edit(prometheusRole, { op: 'remove', path: '/rules/3' }),
    settled: targetDown(/403/),
  },
  'scrape/unauthorized': {
    breaks: 'the ServiceMonitor sends no token',
    era: '1.4',
    apply: editMonitor({ op: 'remove', path: `${endpoint}/bearerTokenFile` }),
    settled: targetDown(/401/),
  },
  'scrape/all-dropped': {
    breaks: "a relabeling of the ServiceMonitor drops the operator's namespace",
    apply: onEndpoint('relabelings', [{ action: 'drop', sourceLabels: ['namespace'], regex: dynamo.namespace }]),
    settled: noTarget,
  },
  'scrape/connection-refused': {
    breaks: 'the Dynamo operator does not listen on its metrics port',
    imitated: "the operator's process is a stand-in, told to close the port",
    apply: switched(dynamo.namespace, 'dynamo-operator.listen', 'no'),
    settled: targetDown(/refused/),
  },
  'scrape/timeout': {
    breaks: 'the Dynamo operator takes the connection and never answers',
    imitated: "the operator's process is a stand-in, told to keep silent",
    apply: switched(dynamo.namespace, 'dynamo-operator.answer', 'no'),
    settled: targetDown(/deadline/),
  },
  'scrape/dns': {
    breaks: 'the ServiceMonitor goes through a proxy of a name that nobody knows',
    apply: onEndpoint('proxyUrl', 'http://proxy.inference.invalid:3128'),
    settled: targetDown(/lookup/),
  },
  'scrape/down': {
    breaks: 'the Dynamo operator answers that it is not available',
    imitated: "the operator's process is a stand-in, told to answer so",
    apply: switched(dynamo.namespace, 'dynamo-operator.answer', '503'),
    settled: targetDown(/503/),
  },
  'scrape/not-scraped-yet': {
    breaks: 'nothing: the ServiceMonitor was given an interval of an hour, and its first scrape is still to come',
    apply: onEndpoint('interval', '1h'),
    settled: async () => (await dynamoTarget())?.health === 'unknown',
  },
  'scrape/network-policy': {
    breaks: 'a NetworkPolicy closes the namespace of the Dynamo operator to everybody',
    imitated: "its enforcement, by a route that drops what the operator's pod answers to Prometheus",
    apply: async () => {
      await createDefaultDeny()
      await eachOperator(async id => {
        for (const { status } of await podsOf(stack.namespace, prometheusPods))
          if (status?.podIP) dropAnswersTo(id, status.podIP)
      })
    },
    settled: targetDown(/deadline|timeout/),
    afterHeal: () => eachOperator(async id => dropNoAnswers(id)),
  },
  'scrape/tls': {
    breaks: "the ServiceMonitor verifies the operator's self-signed certificate",
    apply: editMonitor({ op: 'remove', path: `${endpoint}/tlsConfig` }),
    settled: targetDown(/x509|certificate/),
  },
  'scrape/scheme-mismatch': {
    breaks: 'the ServiceMonitor speaks HTTP to an HTTPS port',
    apply: onEndpoint('scheme', 'http'),
    settled: targetDown(/400|HTTPS/),
  },
  'scrape/not-found': {
    breaks: 'the ServiceMonitor asks for a wrong path',
    apply: onEndpoint('path', '/metricz'),
    settled: targetDown(/404/),
  },
  'scrape/content-type': {
    breaks: 'the Dynamo operator does not say what its answer is',
    imitated: "the operator's process is a stand-in, told to leave the header out",
    apply: switched(dynamo.namespace, 'dynamo-operator.content-type', 'none'),
    settled: targetDown(/Content-Type/),
  },
  'scrape/limit-exceeded': {
    breaks: 'the ServiceMonitor allows five samples',
    apply: merge(monitor, { spec: { sampleLimit: 5 } }),
    settled: targetDown(/limit/),
  },
  'scrape/reload-failing': {
    breaks:
      'two additional scrape jobs have one name, so that Prometheus refuses its file; then the ServiceMonitor is created',
    apply: () =>
      beforeMonitorExists(
        stackJson(`${spec}.additionalScrapeConfigs`, [{ job_name: 'legacy' }, { job_name: 'legacy' }]),
        reloadFails,
      ),
    settled: all(noPool, reloadFails, monitorExists),
  },
  'scrape/reload-pending': {
    breaks: "Prometheus's config-reloader hangs, then the ServiceMonitor is created",
    imitated: 'the hang, by stopping its process with a signal',
    apply: () =>
      beforeMonitorExists(
        () => signalPods('SIGSTOP', prometheusPods, 'prometheus-config-reloader'),
        async () => true,
      ),
    settled: all(noPool, monitorExists),
    afterHeal: restartPrometheus,
  },
  'scrape/config-not-written': {
    breaks: 'prometheus-operator hangs, then the ServiceMonitor is created',
    imitated: 'the hang, by stopping its process with a signal',
    apply: () =>
      beforeMonitorExists(
        () => signalPods('SIGSTOP', prometheusOperatorPods),
        async () => true,
      ),
    settled: all(noPool, monitorExists),
    afterHeal: () => restartPods(prometheusOperatorPods),
  },
  'metrics/absent': {
    breaks: "the metrics endpoint answers without the operator's families",
    imitated: "the operator's process is a stand-in, told what to expose",
    apply: switched(dynamo.namespace, 'dynamo-operator.families', 'others'),
    settled: all(seriesGone('controller_runtime_reconcile_total{job="dyn-dynamo-operator"}'), leadIsTaken),
  },
  'metrics/idle': {
    breaks: 'every Dynamo resource is deleted, and the operator starts anew: it has nothing to do and nothing to count',
    imitated: "the operator's process is a stand-in",
    apply: async () => {
      await deleteDynamoResources()
      await restartPods(operatorPods, dynamo.namespace)
    },
    settled: all(
      seriesGone('dynamo_operator_resources_total'),
      seriesThere(`controller_runtime_reconcile_total{job="${dynamo.fullname}"}`),
    ),
  },
  'metrics/dropped': {
    breaks: "a metricRelabeling drops the operator's families",
    apply: onEndpoint('metricRelabelings', [
      { action: 'drop', sourceLabels: ['__name__'], regex: 'dynamo_operator_.*' },
    ]),
    settled: seriesGone('dynamo_operator_resources_total'),
  },
  'metrics/namespace-overwritten': {
    breaks: 'the ServiceMonitor has no honorLabels, as in the real charts',
    apply: dynamoValue('dynamo-operator.metricsService.honorLabels=false'),
    settled: seriesThere('dynamo_operator_resources_total{exported_namespace!=""}'),
  },
  'metrics/multiplied': {
    breaks: 'the Dynamo operator runs in two replicas, and its dashboard takes plain sums, as the real one does',
    apply: dynamoValue(twoReplicas),
    settled: replicasCount(2),
  },
  'metrics/contract-violation': {
    breaks: 'a metricRelabeling writes the resource types in lower case',
    apply: onEndpoint('metricRelabelings', [
      { action: 'lowercase', sourceLabels: ['resource_type'], targetLabel: 'resource_type' },
    ]),
    settled: all(
      seriesThere('dynamo_operator_resources_total{resource_type="dynamographdeployment"}'),
      seriesGone('dynamo_operator_resources_total{resource_type="DynamoGraphDeployment"}'),
    ),
  },
  'metrics/renamed': {
    breaks: 'the dashboard is that of 1.4, which asks for the reconcile families of before',
    era: '1.6',
    // For five minutes Prometheus would still have what the operator of before served.
    apply: () =>
      Promise.all([merge(dashboard, { data: { [names.dashboardKey]: dashboardJson('1.4') } })(), restartPrometheus()]),
    settled: all(
      showsText('dynamo_operator_reconcile_total'),
      seriesThere('dynamo_operator_resources_total'),
      seriesGone('dynamo_operator_reconcile_total'),
    ),
  },
  'metrics/stale-inventory': {
    breaks: 'a DynamoGraphDeployment came and went, and the operator goes on counting it',
    apply: async () => {
      await applyObjects([graphDeployment('trial', dynamo.namespace, 'pending')])
      const counted = seriesThere(countOfTrial)
      await waitFor(counted, { what: 'the operator to count it', seconds: 30 })
      await send('DELETE', `/apis/nvidia.com/v1alpha1/namespaces/${dynamo.namespace}/dynamographdeployments/trial`, {})
    },
    settled: seriesThere(countOfTrial),
    afterHeal: () => restartPods(operatorPods, dynamo.namespace),
  },
  'dashboard/missing': {
    breaks: "the dashboard's ConfigMap is deleted",
    apply: remove(dashboard),
    settled: dashboardGone,
  },
  'dashboard/label-missing': {
    breaks: "the dashboard's ConfigMap loses its label",
    apply: merge(dashboard, { metadata: { labels: { grafana_dashboard: null } } }),
    settled: dashboardGone,
  },
  'dashboard/label-value': {
    breaks: 'the label says true where the sidecar wants 1',
    apply: merge(dashboard, { metadata: { labels: { grafana_dashboard: 'true' } } }),
    settled: dashboardGone,
  },
  'dashboard/empty': {
    breaks: "the dashboard's ConfigMap has no data",
    apply: edit(dashboard, { op: 'remove', path: '/data' }),
    settled: dashboardGone,
  },
  'dashboard/invalid-json': {
    breaks: "the dashboard's JSON ends too early",
    apply: merge(dashboard, { data: { [names.dashboardKey]: '{\n  "title": "Dynamo Operator",\n  "uid": \n' } }),
    settled: dashboardGone,
  },
  'dashboard/not-provisionable': {
    breaks: 'the dashboard was exported in the schema v2, which no file may hold',
    apply: merge(dashboard, { data: { [names.dashboardKey]: inNewSchema() } }),
    settled: dashboardGone,
  },
  'dashboard/unresolved-inputs': {
    breaks: 'the dashboard was exported for sharing, with a placeholder for its data source',
    apply: merge(dashboard, { data: { [names.dashboardKey]: forSharing() } }),
    settled: showsText('DS_PROMETHEUS'),
  },
  'dashboard/duplicate-uid': {
    breaks: "another team's dashboard has the operator's uid, in a file that comes later",
    imitated: 'Grafana is a stand-in: of two files with one uid the last one wins',
    apply: addBoard({ name: 'team-board', key: 'team-board.json', uid: names.dashboardUid, title: 'Team Board' }),
    settled: shownFrom('team-board.json'),
  },
  'dashboard/duplicate-title': {
    breaks: "another team's dashboard had the title first, and Grafana polls its files",
    imitated: 'Grafana is a stand-in: while two dashboards share a title its polls save nothing',
    apply: () =>
      takeTitleFirst({ name: 'team-board', key: 'team-board.json', uid: 'team-board', title: 'Dynamo Operator' }),
    settled: all(dashboardGone, shows('team-board')),
  },
  'dashboard/queries-unmatched': {
    breaks: 'two panels ask for a metric that no version of the operator has',
    apply: () =>
      merge(dashboard, {
        data: { [names.dashboardKey]: misspell('webhook_requests_total', 'webhook_calls_total') },
      })(),
    settled: showsText('dynamo_operator_webhook_calls_total'),
  },
  'grafana/sidecar-missing': {
    breaks: 'Grafana runs without the dashboard sidecar',
    apply: stackValue(`${sidecar}.enabled=false`),
    settled: all(grafanaReady, dashboardGone),
  },
  'grafana/namespace-not-watched': {
    breaks: 'the sidecar searches the namespace inference only',
    apply: stackValue(`${sidecar}.searchNamespace=${dynamo.namespace}`),
    settled: all(grafanaReady, dashboardGone),
  },
  'grafana/resource-not-watched': {
    breaks: 'the sidecar looks at Secrets only',
    apply: stackValue(`${sidecar}.resource=secret`),
    settled: all(grafanaReady, dashboardGone),
  },
  'grafana/sidecar-misconfigured': {
    breaks: "the sidecar's label value holds a comma, which is no list",
    apply: stackJson(`${sidecar}.labelValue`, '1,true'),
    settled: all(grafanaReady, dashboardGone),
  },
  'grafana/sidecar-forbidden': {
    breaks: "Grafana's rights end at its namespace while the sidecar asks for all",
    apply: async () => {
      await installStack('--set', 'grafana.rbac.namespaced=true')
      await restartPods(grafanaPods)
    },
    settled: all(waiting(stack.namespace, grafanaPods, 'CrashLoopBackOff'), dashboardGone),
  },
  'grafana/sidecar-crashing': {
    breaks: 'Grafana has no ServiceAccount token, without which the sidecar ends at once',
    apply: stackValue('grafana.automountServiceAccountToken=false'),
    settled: all(waiting(stack.namespace, grafanaPods, 'CrashLoopBackOff'), dashboardGone),
  },
  'grafana/datasource-missing': {
    breaks: "the data source's ConfigMap is deleted, and Grafana starts anew",
    apply: async () => {
      await remove(inStack('configmaps', `${stack.fullname}-grafana-datasource`))()
      await restartPods(grafanaPods)
    },
    settled: all(grafanaReady, noDataSource),
  },
  'grafana/datasource-mismatch': {
    breaks: "Grafana's data source leads to a second Prometheus, which scrapes nothing of Dynamo",
    apply: leadToSpare,
    settled: asksSpare,
  },
  'grafana/file-collision': {
    breaks: "another team's ConfigMap has the same key, so that the sidecar writes its dashboard over ours",
    imitated: 'the sidecar is a stand-in: the last one to be written wins',
    apply: addBoard({ name: 'team-board', key: names.dashboardKey, uid: 'team-board', title: 'Team Board' }),
    settled: dashboardGone,
  },
  'grafana/dashboard-outdated': {
    breaks: 'Grafana shows the dashboard without its last panel',
    imitated: 'Grafana is a stand-in, told to leave the panel out',
    apply: switched(stack.namespace, 'grafana.alter', names.dashboardUid),
    settled: lacksLastPanel,
  },
  'grafana/dashboard-not-loaded': {
    breaks: 'Grafana does not take the file although it is there, until it starts anew',
    imitated: 'Grafana is a stand-in, told to refuse it',
    apply: switched(stack.namespace, 'grafana.refuse', names.dashboardUid),
    settled: dashboardGone,
  },
}

/**
 * A Prometheus that already scrapes goes on scraping when its operator stops looking. So the obstacle is put up
 * while there is no ServiceMonitor, which then is created in vain.
 */
async function beforeMonitorExists(obstacle: () => Promise<unknown>, isThere: Effect): Promise<void> {
  await remove(monitor)()
  await waitFor(noPool, { what: 'the scrape pool to go' })
  await obstacle()
  await waitFor(isThere, { what: 'the obstacle to work' })
  await installDynamo()
}

/** The stack's CRDs come back with Prometheus's own objects, after dyn was installed without them. */
async function installBeforeCrds(): Promise<void> {
  await helm('uninstall', dynamo.release, '-n', dynamo.namespace, '--wait')
  await deleteCrds()
  await installDynamo()
  await ensureCrds()
  await installStack()
  await restartPods(prometheusOperatorPods)
}

/** A refused list is asked for again after 0.8 s, then after twice as long each time, up to half a minute. */
async function loseDiscoveryForAWhile(): Promise<void> {
  const role = await get<KubeObject & { readonly rules: readonly unknown[] }>(prometheusRole)
  await edit(prometheusRole, { op: 'remove', path: '/rules/0' })()
  await restartPrometheus()
  await waitFor(noTarget, { what: 'Prometheus to find nothing' })
  const since = Date.now()
  await waitFor(() => Date.now() - since > 25_000, { what: 'discovery to wait long', seconds: 40 })
  await edit(prometheusRole, { op: 'add', path: '/rules/0', value: role?.rules[0] })()
}

async function createDefaultDeny(): Promise<void> {
  await send('POST', `/apis/networking.k8s.io/v1/namespaces/${dynamo.namespace}/networkpolicies`, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'default-deny', labels: { [faultLabel]: 'policy' } },
    spec: { podSelector: {}, policyTypes: ['Ingress'] },
  })
}

async function eachOperator(act: (id: string) => Promise<void>): Promise<void> {
  for (const pod of await podsOf(dynamo.namespace, operatorPods)) await act(pod.metadata?.uid?.slice(0, 8) ?? '')
}

async function copyMonitor(name: string): Promise<void> {
  const original = await get<KubeObject & { spec: object }>(monitor)
  const metadata = { name, labels: { [faultLabel]: 'copy', release: 'kps' } }
  const spec = { ...original?.spec, jobLabel: 'app.kubernetes.io/name' }
  await send('POST', monitoring(dynamo.namespace, 'servicemonitors'), { ...original, metadata, spec })
}

async function monitorExists(): Promise<boolean> {
  return (await get(monitor)) !== undefined
}

async function pausedSeen(): Promise<boolean> {
  return (await get<Prometheus>(prometheus))?.status?.paused ?? false
}

/** The old pod is gone too: it would still do its work. */
async function operatorRolledOut(): Promise<boolean> {
  const pods = await podsOf(stack.namespace, prometheusOperatorPods)
  const restricted = pods.filter(pod =>
    pod.spec?.containers[0]?.args?.some(arg => arg.startsWith('--prometheus-instance-selector')),
  )
  return pods.length === 1 && restricted.length === 1 && pods.every(isReady)
}

function reconcileReason(reason: string): Effect {
  return async () => {
    const object = await get<Prometheus>(prometheus)
    return (
      object?.status?.conditions?.some(condition => condition.type === 'Reconciled' && condition.reason === reason) ??
      false
    )
  }
}

async function noDataSource(): Promise<boolean> {
  const { status, body } = await grafana('/api/datasources')
  return status === 200 && (body as unknown[]).length === 0
}
