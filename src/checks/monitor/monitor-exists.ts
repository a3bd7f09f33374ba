import { releaseOfChain } from '../../helm/release-of-chain.ts'
import { ownValues } from '../../helm/values.ts'
import { formatRef, refOf } from '../../kubernetes/object-ref.ts'
import type { Chain } from '../../model/chain.ts'
import type { Deployer } from '../../model/deployer.ts'
import type { Finding } from '../../model/finding.ts'
import type { Fix } from '../../model/fix.ts'
import type { HelmRelease } from '../../model/helm-release.ts'
import type { ServiceMonitor } from '../../model/kubernetes.ts'
import type { PrometheusState } from '../../model/prometheus.ts'
import { itemsIn, type Listing, type Read, type Unavailable } from '../../model/read.ts'
import { monitorsOf } from '../../prometheus/monitors-of-chain.ts'
import { isTargetOf } from '../../prometheus/target-of-service.ts'
import { aboutChain } from '../about-chain.ts'
import { missingIn, none } from '../completeness.ts'
import { defineCheck } from '../define-check.ts'
import { serviceMonitorCrd } from '../stack/refs.ts'
import { deletedSince, evidenceOf, syncAgain, type Told, toldOf } from '../told-by-deployer.ts'
import { upgradeOf } from '../upgrade-of.ts'

type Code = 'monitor/missing' | 'monitor/installed-before-crds' | 'monitor/rendered-without-crds'

export const monitorExists = defineCheck({
  id: 'monitor-exists',
  title: 'A ServiceMonitor exists for the Service',
  area: 'monitor',
  needs: ['chains', 'serviceMonitors'],
  wants: ['prometheusStates', 'releases', 'deployers', 'serviceMonitorCrdCreated', 'monitoringResources', 'server'],
  provedBy: 'metrics-families-present',
  codes: {
    'monitor/missing': {
      title: 'No ServiceMonitor exists for the metrics Service',
      severity: 'error',
      causedBy: ['stack/crds-missing', 'operator/collection-disabled'],
    },
    'monitor/installed-before-crds': {
      title: 'The operator was installed before the ServiceMonitor kind, so its chart left the ServiceMonitor out',
      severity: 'error',
    },
    'monitor/rendered-without-crds': {
      title: 'The chart was rendered without knowledge of the cluster’s kinds, so it left the ServiceMonitor out',
      severity: 'error',
    },
  },
  run({
    chains,
    serviceMonitors,
    prometheusStates,
    releases,
    deployers,
    serviceMonitorCrdCreated,
    monitoringResources,
    server,
  }) {
    const withService = chains.items.filter(({ service }) => service !== undefined)
    if (withService.length === 0) return none('there is no metrics Service', chains)
    const without = withService.filter(chain => monitorsOf(chain, serviceMonitors.items).length === 0)
    const scraped = without.filter(chain => isScraped(chain, prometheusStates))
    const lacking = without.filter(chain => !scraped.includes(chain))
    const unread = ({ service }: Chain) => unreadFor(service?.metadata.namespace, serviceMonitors, prometheusStates)
    const unseen = lacking.filter(chain => unread(chain).length > 0)
    const known: Circumstances = {
      releases: itemsIn(releases),
      deployers,
      crdCreated: serviceMonitorCrdCreated.ok ? serviceMonitorCrdCreated.value : null,
      crdServed: !monitoringResources.ok || monitoringResources.value.includes('servicemonitors'),
      fromFiles: !server.ok && server.unavailable.why === 'not-live',
    }
    return {
      findings: lacking.filter(chain => !unseen.includes(chain)).map(chain => missing(chain, known)),
      unknown: unseen.map(chain => ({
        missing: unread(chain),
        reason: `whether a ServiceMonitor exists for ${chain.id}`,
      })),
      notes: [
        ...withService.flatMap(chain =>
          monitorsOf(chain, serviceMonitors.items).map(monitor => formatRef(refOf(monitor))),
        ),
        ...scraped.map(({ id }) => `${id} is scraped without a ServiceMonitor of its namespace`),
      ],
    }
  },
})

/** By a ServiceMonitor of another namespace, or by another kind of job: then none is missing. */
const isScraped = ({ service }: Chain, states: Read<Listing<PrometheusState>>): boolean =>
  states.ok &&
  states.value.items.some(({ shards }) =>
    shards.some(({ active }) => active.ok && active.value.some(target => isTargetOf(target, service))),
  )

/** Where no Prometheus can say that it scrapes the Service all the same, one of any namespace would do. */
const unreadFor = (
  namespace: string | undefined,
  monitors: Listing<ServiceMonitor>,
  states: Read<unknown>,
): readonly Unavailable[] =>
  !states.ok && states.unavailable.why === 'not-live' ? monitors.unread : missingIn(monitors, namespace)

interface Circumstances {
  readonly releases: readonly HelmRelease[]
  readonly deployers: Read<Listing<Deployer>>
  readonly crdCreated: string | null
  readonly crdServed: boolean
  readonly fromFiles: boolean
}

const missing = (chain: Chain, known: Circumstances): Finding<Code> => {
  const subject = chain.expected.serviceMonitor
  const release = releaseOfChain(chain, known.releases)
  const told = toldOf(chain, known.deployers, subject)
  const code = codeOf(chain, release, told, known)
  return {
    code,
    subject,
    about: [...aboutChain(chain), serviceMonitorCrd],
    message: `No ServiceMonitor exists for ${formatRef(chain.expected.service)}: no Prometheus is told to scrape it`,
    evidence: [
      {
        ref: subject,
        expected: 'a ServiceMonitor that selects the Service',
        actual: known.fromFiles ? 'none in the manifests' : `none in namespace ${subject.namespace}`,
      },
      ...(code === 'monitor/installed-before-crds' && release
        ? [
            {
              ref: serviceMonitorCrd,
              path: 'metadata.creationTimestamp',
              expected: `before the release was last deployed (${release.lastDeployed})`,
              actual: known.crdCreated ?? '',
            },
          ]
        : []),
      ...(told ? [evidenceOf(told)] : []),
    ],
    because: told?.applies ? deletedSince(told) : becauseOf[code],
    fixes: isRenderedHere(chain, known)
      ? [renderWithKinds]
      : told?.applies
        ? [syncAgain(told, ['monitor-exists', 'monitor-selected', 'scrape-target-up'])]
        : fixesOf(chain, release, code),
  }
}

/** The chart's guard asks the cluster for monitoring.coreos.com/v1 when it renders: what came later was not there. */
const codeOf = (chain: Chain, release: HelmRelease | undefined, told: Told | undefined, known: Circumstances): Code => {
  const { crdCreated, crdServed } = known
  if (isRenderedHere(chain, known)) return 'monitor/rendered-without-crds'
  if (!crdServed) return 'monitor/missing'
  const deployed = release?.lastDeployed
  if (deployed && crdCreated && Date.parse(deployed) < Date.parse(crdCreated)) return 'monitor/installed-before-crds'
  return told?.applies === false ? 'monitor/rendered-without-crds' : 'monitor/missing'
}

/** Manifests that no cluster has stored yet: `helm template`, whoever is to apply what it prints. */
const isRenderedHere = ({ workload }: Chain, { fromFiles }: Circumstances): boolean =>
  fromFiles && workload.metadata.uid === undefined

const becauseOf: Readonly<Record<Code, string>> = {
  'monitor/missing': 'it was deleted, or the chart that should have rendered it left it out',
  'monitor/installed-before-crds':
    'the chart renders its ServiceMonitor only where the kind exists at install time, and here the kind came later',
  'monitor/rendered-without-crds':
    'the chart renders its ServiceMonitor only where it sees the kind, and a renderer outside the cluster does not see it',
}

const renderWithKinds: Fix = {
  id: 'render-with-kinds',
  title: 'Render the chart with the kinds of the cluster',
  risk: 'manual',
  at: 'source',
  steps: [
    {
      do: 'tell',
      text: 'Tell the renderer which kinds the cluster has, here and where the chart is deployed from: helm template --api-versions monitoring.coreos.com/v1, or spec.source.helm.apiVersions of an Argo CD Application. From 1.0 on the value dynamo-operator.metricsService.enabled: true does it for every renderer. helm install and helm upgrade ask the cluster themselves.',
    },
  ],
  lasts: 'Yes, as long as every rendering is told.',
  verify: ['monitor-exists'],
}

const fixesOf = (chain: Chain, release: HelmRelease | undefined, code: Code): readonly Fix[] => {
  const { install, era } = chain
  const triState = era !== '0.8' && era !== '0.9'
  // Where the value stands is not always told; upgraded with the values it has, the chart sees the kind all the same.
  const set = ownValues(release, triState ? { 'dynamo-operator.metricsService.enabled': true } : {}) ?? {}
  if (install.by === 'helm')
    return [
      {
        id: 'render-servicemonitor',
        title: `Upgrade the Dynamo release with the values it has: ${code === 'monitor/missing' ? 'that makes the ServiceMonitor anew' : 'now that the kind is there, the chart renders the ServiceMonitor'}`,
        risk: 'disruptive',
        at: 'source',
        steps: [
          {
            do: 'helm-upgrade',
            release: upgradeOf(chain, release ? [release] : []) ?? install.release,
            set,
          },
        ],
        lasts: 'Yes: from then on the release holds the ServiceMonitor.',
        verify: ['monitor-exists', 'monitor-selected', 'scrape-target-up'],
      },
    ]
  return [
    {
      id: 'force-servicemonitor',
      title:
        code === 'monitor/rendered-without-crds'
          ? 'Set the value that forces the ServiceMonitor'
          : 'Deploy the chart again',
      risk: 'manual',
      at: 'source',
      steps: [
        {
          do: 'tell',
          text: triState
            ? 'Set dynamo-operator.metricsService.enabled: true in the values of the chart, where they are kept, and let it sync.'
            : 'This chart cannot be forced: hand the renderer the API version monitoring.coreos.com/v1 (helm template --api-versions), or keep a ServiceMonitor beside it.',
        },
      ],
      lasts: 'Yes: it is part of what is deployed.',
      verify: ['monitor-exists'],
    },
  ]
}
