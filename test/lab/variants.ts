import { podsOf, prometheus, queryFresh, type Targets } from './ask.ts'
import { showsText, takeMax } from './boards.ts'
import { apps, core, monitoring, send } from './cluster.ts'
import { all, type Effect, noPool, replicasCount, seriesGone, seriesThere } from './effects.ts'
import { applyByArgoCd, applyByFlux, knowingKind } from './gitops.ts'
import {
  applyObjects,
  baselineEra,
  graphDeployment,
  installDynamo,
  installSecondDynamo,
  twoReplicas,
} from './installs.ts'
import { dynamo, names, secondDynamo, stack } from './layout.ts'
import { addMonitorElsewhere, allowOnlyPrometheus, scrapedElsewhere } from './other-scrapers.ts'
import { setSwitch } from './set-switch.ts'
import { stackVariants } from './stack-variants.ts'
import { kubectl } from './tools.ts'

export interface Variant {
  /** How this lab differs from the baseline, in one line. */
  readonly is: string
  /** What of it is only imitated. */
  readonly imitated?: string
  readonly apply: () => Promise<unknown>
  readonly settled: Effect
}

type Placed = typeof dynamo

/** Prometheus scrapes the pods that run now, not those of before that it did not forget yet, and they have the lead. */
const scraped =
  (...operators: Placed[]): Effect =>
  async () =>
    (await Promise.all(operators.map(isScraped))).every(Boolean)

async function isScraped({ namespace, fullname }: Placed): Promise<boolean> {
  const pool = encodeURIComponent(`serviceMonitor/${namespace}/${fullname}-operator/0`)
  const [{ activeTargets }, pods] = await Promise.all([
    prometheus<Targets>(`/api/v1/targets?scrapePool=${pool}`),
    podsOf(namespace, 'control-plane=controller-manager'),
  ])
  const up = activeTargets.filter(({ health }) => health === 'up').map(({ labels }) => labels.pod)
  const pod = pods[0]?.metadata?.name
  const leads = await queryFresh(`controller_runtime_reconcile_total{pod="${pod}"}`)
  return pods.length === 1 && activeTargets.length === 1 && up[0] === pod && leads.length > 0
}

async function takeMetricsAway(): Promise<void> {
  const proxyArgs = [{ op: 'remove', path: '/spec/template/spec/containers/0/args/2' }]
  await send(
    'PATCH',
    `${apps(dynamo.namespace, 'deployments', names.controller)}?fieldManager=lab-variant`,
    proxyArgs,
    'application/json-patch+json',
  )
  await send('DELETE', monitoring(dynamo.namespace, 'servicemonitors', names.serviceMonitor), {})
  await send('DELETE', core(dynamo.namespace, 'services', names.metricsService), {})
}

const gitops = (tool: string) =>
  `${tool}: helm template, kubectl apply with its mark, and the object by which it was told`

const enabled = 'dynamo-operator.metricsService.enabled'
const switchedOff = ['--set', `${enabled}=false`]

/** Labs of other shapes, healthy where nothing else is said. Healing takes each back to the baseline. */
export const variants = {
  'second-operator': {
    is: 'a second release, dyn2 in training, beside dyn',
    apply: () => installSecondDynamo(baselineEra()),
    settled: scraped(dynamo, secondDynamo),
  },
  'two-eras': {
    is: 'a second release, dyn2 in training, has the chart of 0.9, whose metrics are open to all',
    apply: () => installSecondDynamo('0.9'),
    settled: scraped(dynamo, secondDynamo),
  },
  'restricted-beside': {
    is: 'dyn looks after the cluster, and dyn2 in training after its own namespace only',
    imitated: 'dyn: the real one leaves to dyn2 what dyn2 counts',
    apply: async () => {
      await installSecondDynamo(baselineEra(), '--set', 'dynamo-operator.namespaceRestriction.enabled=true')
      await applyObjects([graphDeployment('batch', secondDynamo.namespace, 'successful')])
    },
    settled: all(
      scraped(dynamo, secondDynamo),
      seriesThere(`dynamo_operator_resources_total{namespace="${secondDynamo.namespace}"}`),
    ),
  },
  'restricted-operator': {
    is: 'dyn looks after its own namespace only',
    apply: async () => {
      await installDynamo('--set', 'dynamo-operator.namespaceRestriction.enabled=true')
      await applyObjects([graphDeployment('batch', dynamo.namespace, 'successful')])
    },
    settled: all(scraped(dynamo), seriesThere(`dynamo_operator_resources_total{namespace="${dynamo.namespace}"}`)),
  },
  idle: {
    is: 'dyn has nothing to look after, and counted nothing yet',
    imitated: "that it never did: the operator's process is a stand-in, told what to expose",
    apply: async () => {
      const kinds = 'dynamographdeployments,dynamocomponentdeployments'
      await kubectl('delete', kinds, '--all', '-n', 'team-a')
      await setSwitch(dynamo.namespace, 'dynamo-operator.families', 'idle')
    },
    settled: seriesGone('dynamo_operator_resources_total'),
  },
  'operator-replicas': {
    is: 'dyn runs in two replicas, and its dashboard takes the max over what each counts',
    apply: async () => {
      await installDynamo('--set', twoReplicas)
      await takeMax()
    },
    settled: all(replicasCount(2), showsText('max by (resource_type, namespace, status)')),
  },
  'argo-cd': {
    is: 'dyn was rendered and applied by Argo CD, and has no release',
    imitated: gitops('Argo CD'),
    apply: () => applyByArgoCd({ valueFiles: ['serving.yaml'] }, ...knowingKind),
    settled: scraped(dynamo),
  },
  'argo-cd-parameter': {
    is: 'not in order: a parameter of its Argo CD Application switches the metrics of dyn off',
    imitated: gitops('Argo CD'),
    apply: () => applyByArgoCd({ parameters: [{ name: enabled, value: 'false' }] }, ...knowingKind, ...switchedOff),
    settled: noPool,
  },
  'argo-cd-value-file': {
    is: 'not in order: a value file in Git, which nobody here can read, switches the metrics of dyn off',
    imitated: gitops('Argo CD'),
    apply: () => applyByArgoCd({ valueFiles: ['serving.yaml'] }, ...knowingKind, ...switchedOff),
    settled: noPool,
  },
  flux: {
    is: 'dyn was applied by a Kustomization of Flux, and has no release',
    imitated: gitops('Flux'),
    apply: () => applyByFlux(...knowingKind),
    settled: scraped(dynamo),
  },
  'labels-taken-away': {
    is: 'a relabeling of the ServiceMonitor takes the labels service and endpoint away',
    apply: () =>
      send(
        'PATCH',
        `${monitoring(dynamo.namespace, 'servicemonitors', names.serviceMonitor)}?fieldManager=lab-variant`,
        [
          {
            op: 'add',
            path: '/spec/endpoints/0/relabelings',
            value: [{ action: 'labeldrop', regex: 'service|endpoint' }],
          },
        ],
        'application/json-patch+json',
      ),
    settled: all(scraped(dynamo), seriesGone(`controller_runtime_reconcile_total{service="${dynamo.fullname}"}`)),
  },
  'other-labels': {
    is: 'the Deployments of both releases, and the Services of dyn, have labels of whoever rendered them',
    apply: async () => {
      const own = (kinds: string, place: Placed | typeof stack, label: string) =>
        kubectl('label', kinds, '-n', place.namespace, '--all', '--overwrite', `${label}=serving-platform`)
      await own('deployments,services', dynamo, 'app.kubernetes.io/part-of')
      await own('deployments', stack, 'app.kubernetes.io/name')
    },
    settled: scraped(dynamo),
  },
  'monitor-elsewhere': {
    is: 'not in order: a ServiceMonitor of the namespace of Prometheus scrapes the operator, too',
    apply: addMonitorElsewhere,
    settled: scrapedElsewhere,
  },
  'allowing-policy': {
    is: 'policies let only Prometheus reach the operator',
    imitated: 'the network: it keeps nobody out',
    apply: allowOnlyPrometheus,
    settled: scraped(dynamo),
  },
  'before-metrics': {
    is: 'not in order: dyn is as 0.8 was, on top of the chart of 0.9: its proxy asks everybody for a login, and nothing leads to its metrics',
    imitated: 'the chart of 0.8, by what the chart of 0.9 has too much',
    apply: takeMetricsAway,
    settled: noPool,
  },
  ...stackVariants,
} as const satisfies Readonly<Record<string, Variant>>
